#!/usr/bin/env bash
# Makes a Debian guest for the board: kernel, initial RAM disk and disk image, from packages of Debian's riscv64 port.
#   scripts/debian-guest.sh [--force] [FOLDER]   FOLDER: debian-guest in the project, where not given
# In FOLDER afterwards:
#   vmlinuz, Image   the kernel as its package ships it, which is an uncompressed Image with an EFI header
#   Image.gz         the same, compressed
#   initrd.gz        busybox, the modules for virtio and ext4, and the init of scripts/debian-guest
#   disk.img         ext4 with redis and nginx, set up as scripts/debian-guest says
#   versions         the packages that went in; while they are there, and these scripts unchanged, nothing is made again
#   packages/        what was downloaded, about 120 MB; may be deleted
# The archive and its keys are those of this machine's apt; signatures are checked. Needs no root, and changes nothing
# of this machine's own packages: apt works with a state of its own. The same packages give
# the same bytes (the disk: with the same e2fsprogs).
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022

suite=trixie
size_mib=384
epoch=1754697600 # every file's time: the day on which this Debian was released
modules=(virtio_mmio virtio_net virtio_blk virtio_rng ext4 crc32c_generic)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
recipe=$root/scripts/debian-guest
results=(vmlinuz Image Image.gz initrd.gz disk.img)

say() { echo "debian-guest: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

force=
folder=
for argument in "$@"; do
  case $argument in
    --force) force=1 ;;
    -*)
      echo "usage: $0 [--force] [FOLDER]" >&2
      exit 2
      ;;
    *) folder=$argument ;;
  esac
done
folder=${folder:-$root/debian-guest}
mkdir -p "$folder" 2> /dev/null || fail "$folder cannot be made: give a folder that can be written to"
folder=$(cd "$folder" && pwd)

# One at a time in a folder: the second waits, and finds everything there.
exec 9> "$folder/.lock"
flock 9

identity=$(cat "${BASH_SOURCE[0]}" "$recipe"/* | sha256sum | cut -d ' ' -f 1)
is_there() {
  local name
  [ -z "$force" ] && [ "$(head -n 1 "$folder/versions" 2> /dev/null)" = "made by $identity" ] || return 1
  for name in "${results[@]}"; do [ -s "$folder/$name" ] || return 1; done
}
describe() { grep -E '^(linux-image-|busybox-|nginx |redis-server )' "$folder/versions" | paste -s -d , | sed 's/,/, /g'; }
if is_there; then
  say "$folder is there: $(describe)"
  exit 0
fi

PATH=$PATH:/usr/sbin:/sbin
for need in apt-get:apt apt-cache:apt dpkg-deb:dpkg cpio:cpio mke2fs:e2fsprogs debugfs:e2fsprogs xz:xz-utils gzip:gzip; do
  command -v "${need%:*}" > /dev/null || fail "${need%:*} is not there: on Debian, apt-get install ${need#*:}"
done
keys=
for file in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
  if [ -z "$keys" ] && [ -r "$file" ]; then keys=$file; fi
done
[ -n "$keys" ] || fail "the keys of Debian's archive are not there: apt-get install debian-archive-keyring"
# The first repository that is Debian's main archive: not its updates, its security archive or anybody else's.
archive=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN) $(LABEL) $(COMPONENT) $(CREATED_BY)' |
  awk '$1 !~ /^cdrom:/ && $2 !~ /-/ && $3 == "Debian" && $4 == "Debian" && $5 == "main" && $6 == "Packages" { print $1; exit }')
[ -n "$archive" ] || fail "apt knows no Debian archive, or has not read its lists yet: as root, apt-get update"

rm -rf "$folder"/.making.*
work=$(mktemp -d "$folder/.making.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- Packages, by an apt that has its own state and none of this machine's hooks, sources and keys.
mkdir -p "$work"/apt/{state/lists/partial,cache/archives/partial,none} "$folder/packages"
: > "$work/apt/state/status"
echo "deb [arch=riscv64 signed-by=$keys] $archive $suite main" > "$work/apt/sources.list"
cat > "$work/apt/apt.conf" << END
#clear APT::Update;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
APT::Architecture "riscv64";
APT::Architectures { "riscv64"; };
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "2";
Dir::State "$work/apt/state";
Dir::State::status "$work/apt/state/status";
Dir::Cache "$work/apt/cache";
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "$work/apt/none";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$work/apt/none";
Dir::Etc::trusted "/dev/null";
Dir::Etc::trustedparts "$work/apt/none";
END
# ask WHY COMMAND...: apt's answer comes to $work/apt/out; where there is none, says why, and what apt said.
ask() {
  local why=$1 command=$2
  shift 2
  if ! "$command" -c "$work/apt/apt.conf" "$@" > "$work/apt/out" 2> "$work/apt/words"; then
    cat "$work/apt/words" >&2
    fail "$why"
  fi
}

say "reading the list of Debian $suite for riscv64"
ask "the archive's list cannot be had or is not signed by $keys: is the network there?" apt-get -q update

# depends PACKAGE...: $work/depends gets the packages that these depend on directly.
depends() {
  ask "$suite has not all of: $*" apt-cache depends --important "$@"
  sed -n 's/^ *\(Pre\)\?Depends: \([^<].*\)/\2/p' "$work/apt/out" | sort -u > "$work/depends"
}
depends linux-image-riscv64
kernel=$(grep -m 1 '^linux-image-' "$work/depends") || fail "linux-image-riscv64 of $suite names no kernel"
# The servers, and every library that they need at the end; programs that only packages' own scripts need are left out.
wanted=(busybox-static "$kernel" nginx redis-server redis-tools)
fresh=(nginx redis-tools)
while [ ${#fresh[@]} -gt 0 ]; do
  depends "${fresh[@]}"
  mapfile -t fresh < <(grep -E '^(lib|zlib)' "$work/depends" | grep -vxF -f <(printf '%s\n' "${wanted[@]}"))
  wanted+=("${fresh[@]}")
done
# apt takes a file of the right name and length for what it is to fetch: so what is kept here is checked before and after.
declare -A file_of
for package in "${wanted[@]}"; do
  ask "$suite has no $package" apt-cache show --no-all-versions "$package"
  version=$(sed -n 's/^Version: //p' "$work/apt/out")
  architecture=$(sed -n 's/^Architecture: //p' "$work/apt/out")
  file_of[$package]=$folder/packages/${package}_${version//:/%3a}_$architecture.deb
  echo "$package $version" >> "$work/packages"
  echo "$(sed -n 's/^SHA256: //p' "$work/apt/out")  ${file_of[$package]}" >> "$work/sums"
  tail -n 1 "$work/sums" | sha256sum --check --status 2> "$work/apt/words" || rm -f "${file_of[$package]}"
done
say "fetching ${#wanted[@]} packages, where they are not there yet"
(cd "$folder/packages" && ask 'the packages cannot be fetched: is the network there, and the disk not full?' \
  apt-get -q download "${wanted[@]}")
sha256sum --check --quiet "$work/sums" >&2 || fail 'a package is not what the signed list says'
# Versions that are no longer wanted.
find "$folder/packages" -name '*.deb' | { grep -vxF -f <(printf '%s\n' "${file_of[@]}") || true; } | xargs -r -d '\n' rm -f
unpack() { # PACKAGE FOLDER
  dpkg-deb -x "${file_of[$1]}" "$2" || fail "${file_of[$1]} cannot be unpacked"
}

# --- The kernel.
say 'making kernel and initrd'
unpack "$kernel" "$work/linux"
mkdir "$work/out"
cp "$work"/linux/boot/vmlinu[xz]-* "$work/out/vmlinuz"
# An Image says "RSC" and 5 at byte 56 (the kernel's Documentation/arch/riscv/boot-image-header.rst).
if [ "$(od -An -tx1 -j56 -N4 "$work/out/vmlinuz" | tr -d ' ')" != 52534305 ]; then
  fail "the kernel of $kernel is no uncompressed Image"
fi
ln "$work/out/vmlinuz" "$work/out/Image"
gzip -9nc "$work/out/Image" > "$work/out/Image.gz"

# --- The initial RAM disk.
tree=$work/initrd
mkdir -p "$tree"/{bin,sbin,usr,etc,dev,proc,sys,tmp,run,root,disk,lib/modules}
unpack busybox-static "$work/busybox"
cp "$work/busybox/usr/bin/busybox" "$tree/bin/"
for path in bin/sh sbin/modprobe; do ln -s /bin/busybox "$tree/$path"; done
install -m 755 "$recipe/init" "$tree/init"
install -m 755 "$recipe/udhcpc.script" "$tree/etc/"
for path in poweroff reboot halt; do
  install -m 755 "$recipe/finish" "$tree/sbin/$path"
  echo "alias $path='busybox $path; kill -HUP \$\$'" >> "$tree/etc/shrc"
done
printf 'root:x:0:0:root:/root:/bin/sh\n' > "$tree/etc/passwd"
printf 'root:x:0:\n' > "$tree/etc/group"

shipped=$(echo "$work"/linux/usr/lib/modules/*)
target=$tree/lib/modules/${shipped##*/}
mkdir "$target"
# module NAME: copies it and what it depends on, uncompressed; says its depends in modules.dep as depmod would.
declare -A needs
module() {
  local name=$1 file direct each
  if [ -n "${needs[$name]+there}" ]; then return; fi
  file=$(find "$shipped/kernel" \( -name "$name.ko*" -o -name "${name//_/-}.ko*" \) | head -n 1)
  [ -n "$file" ] || fail "$kernel has no module $name"
  case $file in
    *.xz) xz -dc "$file" > "$target/$name.ko" ;;
    *.gz) gzip -dc "$file" > "$target/$name.ko" ;;
    *) cp "$file" "$target/$name.ko" ;;
  esac
  tr '\0' '\n' < "$target/$name.ko" > "$work/strings"
  sed -n "s/^alias=\(.*\)/alias \1 $name/p" "$work/strings" >> "$target/modules.alias"
  direct=$(sed -n 's/^depends=//p' "$work/strings" | tr ',-' ' _')
  needs[$name]=
  for each in $direct; do
    module "$each"
    needs[$name]+=" $each.ko${needs[$each]}"
  done
  echo "$name.ko:${needs[$name]}" >> "$target/modules.dep"
}
for name in "${modules[@]}"; do module "$name"; done
find "$tree" -exec touch -h -d "@$epoch" {} +
(cd "$tree" && find . | sort | cpio --quiet -o -H newc -R 0:0 --reproducible) | gzip -9n > "$work/out/initrd.gz"

# --- The disk. debugfs writes file after file in the names' order: so the image depends on no file system, user or
# time of this machine.
say 'making the disk'
for package in "${wanted[@]}"; do
  case $package in busybox-static | linux-*) ;; *) unpack "$package" "$work/debian" ;; esac
done
tree=$work/disk
mkdir -p "$tree"/{dev/pts,etc/nginx,etc/redis,proc,root,run,sys,tmp,srv/upload,srv/www,usr/bin,usr/sbin,usr/lib} \
  "$tree"/var/{lib/nginx,lib/redis,log}
for name in bin sbin lib; do ln -s "usr/$name" "$tree/$name"; done
cp -a "$work"/debian/usr/bin/redis-* "$tree/usr/bin/"
cp -a "$work/debian/usr/sbin/nginx" "$tree/usr/sbin/"
cp -a "$work"/debian/usr/lib/ld-linux-* "$tree/usr/lib/"
mkdir "$tree/usr/lib/riscv64-linux-gnu"
cp -a "$work"/debian/usr/lib/riscv64-linux-gnu/*.so* "$tree/usr/lib/riscv64-linux-gnu/"
cp "$recipe/redis.conf" "$tree/etc/redis/redis.conf"
cp "$recipe/nginx.conf" "$tree/etc/nginx/nginx.conf"
printf 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/srv/www:/bin/false\n' > "$tree/etc/passwd"
printf 'root:x:0:\nwww-data:x:33:\n' > "$tree/etc/group"
echo 'hosts: files dns' > "$tree/etc/nsswitch.conf"
echo '127.0.0.1 localhost debian-guest' > "$tree/etc/hosts"
: > "$tree/etc/resolv.conf"
# Files to fetch, of as many bytes as their names say: the numbers from 1 on, a line each.
echo '<h1>A Debian guest on vmft</h1>' > "$tree/srv/www/index.html"
for name in 1k 10k 100k 1m 50m; do
  bytes=$(numfmt --from=iec "${name^^}")
  head -c "$bytes" < <(seq 1 10000000 2> /dev/null || true) > "$tree/srv/www/$name"
done
chmod -R u+rw,go+r "$tree"

export E2FSPROGS_FAKE_TIME=$epoch
truncate -s "${size_mib}M" "$work/out/disk.img"
# Features are named one by one, not taken from this machine's mke2fs.conf. No table is left for the kernel to fill in
# later: it would write to the disk while the guest is idle.
printf '[fs_types]\n%s = {\nblocksize = 4096\n}\n%s = {\nblocksize = 4096\n}\n' ext4 small > "$work/mke2fs.conf"
MKE2FS_CONFIG=$work/mke2fs.conf mke2fs -q -F -t ext4 -L debian-guest -U 76666d74-0000-4000-8000-000000000001 \
  -m 0 -b 4096 -I 256 -N 4096 -J size=8 \
  -O none,64bit,dir_index,dir_nlink,ext_attr,extent,extra_isize,filetype,flex_bg,has_journal,huge_file,large_file \
  -O metadata_csum,sparse_super \
  -E hash_seed=76666d74-0000-4000-8000-000000000002,lazy_itable_init=0,root_owner=0:0,nodiscard \
  "$work/out/disk.img" || fail 'mke2fs could not make the file system'
(
  cd "$tree"
  find . -type d ! -name . | sort | sed 's/^\.\(.*\)/mkdir \1/'
  find . ! -type d -printf '%h %f %l\n' | sort | while read -r place name target; do
    place=${place#.}
    echo "cd ${place:-/}"
    if [ -n "$target" ]; then echo "symlink $name $target"; else echo "write .$place/$name $name"; fi
  done
  echo 'set_inode_field /tmp mode 041777'
  printf 'set_inode_field /srv/upload %s 33\n' uid gid
) > "$work/commands"
(cd "$tree" && debugfs -w -f "$work/commands" "$work/out/disk.img" > "$work/said" 2>&1) || true
# debugfs tells errors in words only: it repeats each command, and says what it allocates.
if grep -vE '^(debugfs|Allocated inode)' "$work/said" >&2; then fail 'debugfs could not fill the file system'; fi

# --- All is made: from here on nothing is left that could go wrong halfway but a full disk.
{
  echo "made by $identity"
  cat "$work/packages"
} > "$work/out/versions"
rm -f "$folder/versions"
for name in "${results[@]}" versions; do mv -f "$work/out/$name" "$folder/$name"; done
say "made $folder: $(describe)"
