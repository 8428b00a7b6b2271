#!/usr/bin/env bash
# Makes the golden logs: recordings that every later vmft must replay, or refuse in one sentence.
#   scripts/make-golden.sh    a new folder fixtures/golden/<log format>-<machine behaviour>/, which must not be there yet
# Run it once for each version of the log's format or of the machine's behaviour, right before that version is first
# released, and commit what it makes; never make an old one again. Tests do not run it.
# Beside the logs it writes expected.json: what each of them must give, taken from the recordings themselves (summary,
# console and digests as the recorder gave them), not from a replay. Needs bash with /dev/tcp, and the package built.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
guests=$root/fixtures/guests/prebuilt
vmft() { node "$root/bin/run.js" "$@"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# record NAME GUEST STATUS [FLAGS...]: GUEST is an ELF, or a file of this name; NAME.pb, NAME.out (the console) and NAME.json (the summary).
record() {
  local name=$1 guest=$2 expected=$3 status=0
  shift 3
  [ -e "$guests/$guest" ] || guest=$guest.elf
  vmft record "$guests/$guest" -o "$name.pb" -f --json --memory "${memory:-16M}" "$@" > "$name.out" 2> "$name.err" || status=$?
  tail -n 1 "$name.err" > "$name.json"
  if [ "$status" != "$expected" ]; then
    echo "$0: $name ended with status $status instead of $expected" >&2
    cat "$name.err" >&2
    exit 1
  fi
}

# wait_for FILE TEXT: until the guest has printed TEXT.
wait_for() {
  local tries=0
  until grep -q "$2" "$1" 2> /dev/null; do
    sleep 0.1
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { echo "$0: no \"$2\" in $1" >&2; exit 1; }
  done
}

echo "one line of output; a digest every 50 instructions" >&2
memory=128M record hello hello 0 --digest-every 50 --append 'console=ttyS0 quiet' < /dev/null

echo "entropy, by instruction and by device" >&2
record dice dice 0 --digest-every 1000 < /dev/null

echo "time reads and ticks, host clock" >&2
record clock clock-small 0 --digest-every 5000 --until 60000 < /dev/null

echo "time reads and ticks, virtual clock: nothing of them is in the log" >&2
record virtual clock-small 0 --clock virtual --entropy seed:2a --digest-every 100000 < /dev/null

echo "virtual memory" >&2
record paging paging 0 --digest-every 1000 < /dev/null

echo "floating point" >&2
record matrix matrix-small 0 --digest-every 500000 < /dev/null

echo "a guest that goes to sleep and is interrupted" >&2
node "$root/bin/run.js" record "$guests/idle-second.elf" -o interrupted.pb -f --json --memory 16M \
  > interrupted.out 2> interrupted.err < /dev/null &
idle=$!
sleep 4
kill -INT $idle
wait $idle || [ $? = 130 ]
tail -n 1 interrupted.err > interrupted.json

echo "a console with somebody at it" >&2
type_lines() {
  wait_for shell.out '> '
  local text
  for text in 'he' 'lp\n' 'echo one\b\b\btwo\ntime\n' 'sum 20' '000\n' '\003' 'peek 0x80000000\nexit 7\n'; do
    sleep 0.2
    printf "$text"
  done
}
type_lines | record shell shell 7 --digest-every 2000

echo "a console of virtio" >&2
printf 'a line\nanother one, which is longer than a buffer of the driver is\nexit 5\n' |
  record vconsole vconsole 5 --console virtio --digest-every 2000

echo "a disk: a snapshot, whose image is not needed" >&2
yes 'what the image holds' | head -c 20480 > disk.img || [ $? = 141 ]
record disk disk 0 --disk disk.img,log-reads --digest-every 100000 < /dev/null

echo "a kernel on the built-in SBI" >&2
memory=32M record supervisor supervisor.bin 0 --append 'for the golden logs' --digest-every 20000 < /dev/null

echo "a network: ARP, then UDP to the echo port, then to the port that ends it" >&2
us=020000000001 our_ip=0a000202 guest_ip=0a00020f
# udp PORT TEXT: a datagram without a checksum of its own, as hexadecimal digits.
udp() {
  local total sum
  total=$((28 + ${#2}))
  sum=$((0x4500 + total + 0x0001 + 0x4011 + 0x0a00 + 0x0202 + 0x0a00 + 0x020f))
  sum=$((~((sum & 0xffff) + (sum >> 16)) & 0xffff))
  printf '525400123456%s08004500%04x000100004011%04x%s%s' $us $total $sum $our_ip $guest_ip
  printf '0fa0%04x%04x0000' "$1" $((8 + ${#2}))
  printf '%s' "$2" | od -An -v -tx1 | tr -d ' \n'
}
# send FRAME: in the framing of stream:, four bytes of length first.
send() {
  printf "$(printf '%08x%s' $((${#1} / 2)) "$1" | sed 's/../\\x&/g')" >&3
  sleep 0.1
}
port=$((20000 + RANDOM % 20000))
record echo echo 0 --net "stream:listen:127.0.0.1:$port" --digest-every 2000 < /dev/null &
echo=$!
wait_for echo.out ready
exec 3<> "/dev/tcp/127.0.0.1/$port"
send "ffffffffffff${us}08060001080006040001${us}${our_ip}000000000000${guest_ip}$(printf '00%.0s' {1..18})"
send "$(udp 7 'a datagram')"
send "$(udp 7 'another, and it is longer than the first was')"
send "$(udp 5 'nobody listens here')"
send "$(udp 7 "$(printf 'z%.0s' {1..1400})")"
send "$(udp 9 quit)"
wait $echo
exec 3>&-

echo "a lost update, caught" >&2
for try in {1..400}; do
  status=0
  vmft record "$guests/race-once.elf" -o race.pb -f --json --memory 16M > race.out 2> race.err < /dev/null || status=$?
  tail -n 1 race.err > race.json
  [ $status = 0 ] || break
done
[ $status = 1 ] || { echo "$0: race did not fail in $try tries" >&2; exit 1; }

echo "a log that was cut: the first seven eighths of the shell's" >&2
head -c $(($(wc -c < shell.pb) * 7 / 8)) shell.pb > torn.pb

# What each must give. The cut one: as much as its entries say.
vmft inspect torn.pb --json > torn.entries 2> /dev/null || [ $? = 65 ]
for log in *.pb; do
  [ "$log" = torn.pb ] || vmft inspect "$log" --json > "${log%.pb}.entries"
done
cat > expect.mjs <<'END'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
const lines = (file) => readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const logs = {};
let version;
for (const file of readdirSync('.').filter((name) => name.endsWith('.pb'))) {
  const name = file.slice(0, -3);
  const [header, ...entries] = lines(`${name}.entries`);
  version = { format: `${header.version.major}.${header.version.minor}`, behaviour: header.machine.behaviour };
  const digests = entries.filter(({ type }) => type === 'digest');
  const outputs = entries.filter(({ type }) => type === 'output');
  const consoleBytes = outputs.reduce((sum, { kind, length }) => sum + (kind === 'console' ? length : 0), 0);
  const counts = {};
  for (const { type } of entries) counts[type] = (counts[type] ?? 0) + 1;
  const whole = name !== 'torn';
  const summary = whole ? lines(`${name}.json`)[0] : undefined;
  const stdout = readFileSync(whole ? `${name}.out` : 'shell.out').subarray(0, consoleBytes).toString();
  logs[name] = {
    ...(whole ? { ended: summary.ended, status: summary.status } : { ended: 'torn' }),
    position: whole ? summary.instructions : entries.at(-1).position,
    ...{ stdout, digests: digests.length, outputs: outputs.length },
    lastDigest: { position: digests.at(-1).position, digest: digests.at(-1).digest },
    entries: counts,
  };
}
writeFileSync('expected.json', `${JSON.stringify({ ...version, logs }, null, 2)}\n`);
process.stdout.write(`${version.format}-${version.behaviour}`);
END
folder=$root/fixtures/golden/$(node expect.mjs)
if [ -e "$folder" ]; then
  echo "$0: $folder is there already: golden logs are made once and kept" >&2
  exit 1
fi
mkdir -p "$folder"
cp ./*.pb expected.json "$folder"
du -bc "$folder"/* >&2
