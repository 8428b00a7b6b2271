#!/usr/bin/env bash
# Builds every fixture guest: fixtures/guests/*.c to fixtures/guests/prebuilt/*.elf and *.bin.
#   scripts/build-guests.sh           rebuild in place
#   scripts/build-guests.sh --check   build elsewhere and compare byte for byte; exit 1 on a difference
#   scripts/build-guests.sh --count   run the compute guests on QEMU and print how many instructions each takes
# Needs Debian 12's gcc-riscv64-unknown-elf (12.2.0) and its binutils. The same sources give the same bytes
# wherever the repository lies: nothing of the path, the time or the host enters a file.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
guests=$root/fixtures/guests
prebuilt=$guests/prebuilt
prefix=${CROSS_COMPILE:-riscv64-unknown-elf-}

mode=${1-}
case $mode in
  '' | --check | --count) ;;
  *)
    echo "usage: $0 [--check | --count]" >&2
    exit 2
    ;;
esac

if ! command -v "${prefix}gcc" > /dev/null; then
  echo "$0: ${prefix}gcc not found; on Debian: apt-get install gcc-riscv64-unknown-elf" >&2
  exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/obj" "$work/out"

flags=(-mabi=lp64d -mcmodel=medany -O2 -g0 -std=gnu11 -ffreestanding -nostdlib -fno-pic -fno-stack-protector
  -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -fno-common -ffp-contract=fast
  -ffunction-sections -fdata-sections -Wall -Wextra -Werror)
link=(-static '-Wl,--build-id=none' '-Wl,--gc-sections' '-Wl,-z,max-page-size=4096' -T link.ld)

if [ "$mode" = --count ]; then
  flags+=(-DCOUNT_INSTRUCTIONS)
fi

# Sources are named relative to fixtures/guests, and every object gets a fixed name: both end up in symbol tables.
cd "$guests"

# compile ARCH SOURCE OBJECT [FLAGS...]
compile() {
  local arch=$1 source=$2 object=$3
  shift 3
  "${prefix}gcc" "-march=$arch" "${flags[@]}" "$@" -c "$source" -o "$work/obj/$object"
}

for source in lib/*.c lib/*.S; do
  name=$(basename "$source")
  compile rv64gc "$source" "lib-${name%.*}.o"
done

# guest NAME SOURCE [FLAGS...]: one guest from SOURCE.c and, where there is one, SOURCE.S. $arch names its instruction set.
arch=rv64gc
guest() {
  local name=$1 source=$2 objects=("$1.o")
  shift 2
  compile "$arch" "$source.c" "$name.o" "$@"
  if [ -f "$source.S" ]; then
    compile "$arch" "$source.S" "$name-asm.o"
    objects+=("$name-asm.o")
  fi
  (
    cd "$work/obj"
    cp "$guests/link.ld" .
    "${prefix}gcc" -march=rv64gc "${flags[@]}" "${link[@]}" -o "../out/$name.elf" "${objects[@]}" lib-*.o
  )
  # The assembler's $x marks say where code begins, not what it is called: they would hide the functions' names.
  "${prefix}objcopy" --wildcard --strip-symbol="\$x*" --strip-symbol="\$d*" "$work/out/$name.elf"
  "${prefix}objcopy" -O binary "$work/out/$name.elf" "$work/out/$name.bin"
}

# kernel NAME SOURCE [FLAGS...]: one guest for S-mode from SOURCE.c, .S and .ld, in the format of a Linux Image.
kernel() {
  local name=$1 source=$2
  shift 2
  compile rv64gc "$source.c" "$name.o" "$@"
  compile rv64gc "$source.S" "$name-asm.o"
  (
    cd "$work/obj"
    cp "$guests/$source.ld" .
    "${prefix}gcc" -march=rv64gc "${flags[@]}" -static '-Wl,--build-id=none' '-Wl,--gc-sections' -T "$source.ld" \
      -o "$name.elf" "$name.o" "$name-asm.o"
  )
  "${prefix}objcopy" -O binary "$work/obj/$name.elf" "$work/out/$name.bin"
}

guest hello hello
guest clock clock
guest clock-small clock -DSPAN=500000UL -DREADS=200000UL
guest dice dice
guest disk disk
guest disk-long disk -DROUNDS=20000
guest echo echo
guest flood flood
guest flood-small flood -DMEBIBYTES=200UL
guest flood-endless flood -DMEBIBYTES=0UL
guest generate generate
guest generate-small generate -DFUNCTIONS=50UL '-DAREA=(8UL << 10)'
guest generate-endless generate -DFUNCTIONS=0UL
guest idle idle
guest idle-hour idle -DWAKES=1 '-DSTEP=(3600*TICKS_PER_SECOND)'
guest idle-second idle -DWAKES=3600 -DSTEP=TICKS_PER_SECOND
guest keyval keyval
guest paging paging
guest race race
guest race-once race -DTICKS=1 -DPERIOD=200000UL -DWORK_STEPS=2 -DWORK_ITEMS=3000000
guest remap remap
guest shell shell
guest smc smc
guest storm storm
kernel supervisor supervisor
kernel supervisor-failing supervisor -DEND_FAILURE
kernel supervisor-rebooting supervisor -DEND_REBOOT
guest traploop traploop
guest vconsole vconsole

# Compute guests, twice each: long for benchmarks, small for tests.
guest bytecode bytecode
guest bytecode-small bytecode -DLIMIT=280
guest calls calls
guest calls-small calls -DROUNDS=12
guest chase chase
guest chase-small chase -DCELLS=4096 -DHOPS=300000 -DPRIMES=100000 -DSIEVES=1
guest matrix matrix
guest matrix-small matrix -DSIDE=40 -DORDER=32 -DROUNDS=5
guest nbody nbody
guest nbody-small nbody -DSTEPS=7000
guest queens queens
guest queens-small queens -DFIB=25 -DACKERMANN=200 -DTAK=15 -DQUEENS=8
guest sort sort
guest sort-small sort -DCOUNT=8192 -DROUNDS=1
compute=(bytecode calls chase matrix nbody queens sort bits)
compute+=("${compute[@]/%/-small}")
arch=rv64gc_zba_zbb_zbs
guest bits bits
guest bits-small bits -DROUNDS=32000

if [ "$mode" = --count ]; then
  for name in "${compute[@]}"; do
    count=$(qemu-system-riscv64 -M virt -m 128M -nographic -bios none -icount shift=0 -kernel "$work/out/$name.elf" \
      < /dev/null | tail -n 1)
    echo "$name: $count"
  done
elif [ "$mode" = --check ]; then
  if diff -rq "$work/out" "$prebuilt"; then
    echo "build-guests: $(find "$work/out" -name '*.bin' | wc -l) guests, all as checked in" >&2
  else
    echo "build-guests: what is checked in is not what the sources give" >&2
    exit 1
  fi
else
  mkdir -p "$prebuilt"
  rm -f "$prebuilt"/*.elf "$prebuilt"/*.bin
  install -m 644 "$work"/out/* "$prebuilt/"
fi
