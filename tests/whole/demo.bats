load ../lib

# boot x64|arm64 QEMU-ARG...: the demo guest's serial line and QEMU's status,
# under a bare QEMU. In the background it is called with EXEC=exec, so that a kill
# of its process ends QEMU.
boot() {
	local machine=$1 qemu=(qemu-system-x86_64 -M "${MACHINE:-q35}")
	[ "$machine" = x64 ] ||
		qemu=(qemu-system-aarch64 -M virt -cpu cortex-a57)
	shift
	${EXEC:-} timeout "${LIMIT:-30}" "${qemu[@]}" -m 64 -nodefaults \
		-display none -serial stdio -no-reboot \
		-kernel "$EMU_BUILD/demo-$machine" "$@" \
		2>stderr
}

setup() {
	need qemu-system-x86_64 qemu-system-aarch64
	[ -e "$EMU_BUILD/demo-arm64" ] || need aarch64-linux-gnu-gcc
	cd "$BATS_TEST_TMPDIR"
}

# hello MACHINE ARGS DISK: what the guest says first.
hello() {
	printf 'emu demo guest, %s\r\nmemory: 65536 KiB\r\narguments: %s\r\ndisk: %s\r\n' \
		"$@"
}

# expect STATUS MACHINE ARGS REST QEMU-ARG...: with those arguments the guest
# says hello and then exactly REST (a printf format), and QEMU ends with STATUS.
expect() {
	local want=$1 machine=$2 args=$3 rest=$4 status=0
	shift 4
	{
		hello "$machine" "$args" none
		# shellcheck disable=SC2059 # a format
		printf "$rest"
	} >wanted
	boot "$machine" -append "$args" "$@" </dev/null >got || status=$?
	cmp wanted got || { cat -A got stderr; return 1; }
	[ "$status" -eq "$want" ] || { echo "status $status"; return 1; }
}

# stuck MACHINE ARGS REST QEMU-ARG...: the same, and then it hangs.
stuck() {
	local machine=$1 args=$2 rest=$3
	shift 3
	{
		hello "$machine" "$args" none
		# shellcheck disable=SC2059 # a format
		printf "$rest"
	} >wanted
	EXEC=exec boot "$machine" -append "$args" "$@" </dev/null >got 3>&- &
	wait_until cmp wanted got || { cat -A got stderr; kill $!; return 1; }
	sleep 0.1
	kill $! || { echo "it ended"; return 1; }
	wait $! || true
	cmp wanted got
}

both() {
	local command=$1 status=$2
	shift 2
	"$command" "$status" x64 "$@" && "$command" "$status" arm64 "$@"
}

@test "demo says what it sees and powers off" {
	both expect 0 '' ''
	both expect 0 'a  "b c" d=é ' ''
	MACHINE=pc expect 0 x64 '' ''
}

@test "demo powers off at the word" {
	both expect 0 'poweroff flood=9' ''
}

@test "demo takes only whole words" {
	both expect 0 'hangs xhang panic=-1 echo=1 waits=5 poweroffs' ''
}

@test "demo shows the first disk's first bytes" {
	printf 'Hi\0\1\177\377~ !0123456789' >disk
	truncate -s 1M disk
	drive=(-drive if=none,id=d,file=disk,format=raw -device)
	for machine in x64 arm64; do
		for device in virtio-blk-pci,drive=d \
			virtio-blk-pci,drive=d,disable-legacy=on \
			pcie-root-port,id=p\ -device\ virtio-blk-pci,drive=d,bus=p; do
			hello $machine '' 'Hi....~ !0123456' >wanted
			# shellcheck disable=SC2086 # two words in one of them
			boot $machine "${drive[@]}" $device </dev/null >got
			cmp wanted got || { cat -A got stderr; false; }
		done
	done
	hello x64 '' 'Hi....~ !0123456' >wanted
	MACHINE=pc boot x64 "${drive[@]}" virtio-blk-pci,drive=d </dev/null >got
	cmp wanted got
}

@test "demo tells of a disk that cannot be read" {
	: >disk
	for machine in x64 arm64; do
		hello $machine '' 'read error' >wanted
		boot $machine -drive if=none,id=d,file=disk,format=raw \
			-device virtio-blk-pci,drive=d </dev/null >got
		cmp wanted got || { cat -A got stderr; false; }
	done
}

@test "demo exits with the status asked for" {
	expect 15 x64 exit=7 '' -device isa-debug-exit,iobase=0xf4
	expect 1 x64 exit=0 '' -device isa-debug-exit,iobase=0xf4
	expect 7 arm64 exit=7 '' -semihosting
	expect 0 arm64 exit=0 '' -semihosting
}

@test "demo panics" {
	expect 1 x64 panic '' -device pvpanic -action panic=exit-failure
	expect 1 x64 panic '' -device pvpanic-pci -action panic=exit-failure
	expect 1 arm64 panic '' -device pvpanic-pci -action panic=exit-failure
}

@test "demo resets" {
	both expect 0 reset ''
	MACHINE=pc expect 0 x64 reset ''
}

@test "demo starts afresh after a reset" {
	for machine in x64 arm64; do
		hello $machine 'wait=10 reset' none >once
		cat once once once >wanted
		size=$(wc -c <wanted)
		EXEC=exec boot $machine -append 'wait=10 reset' \
			-action reboot=reset </dev/null >got 3>&- &
		wait_until eval "[ \$(wc -c <got) -ge $size ]"
		kill $!
		wait $! || true
		head -c "$size" got | cmp - wanted || { cat -A got; false; }
	done
}

@test "demo triple faults on x64" {
	expect 0 x64 fault ''
}

@test "demo hangs without a word" {
	stuck x64 hang ''
	stuck arm64 hang ''
}

@test "demo says what it cannot do and does not pretend" {
	stuck x64 exit=7 'cannot exit: no isa-debug-exit at 0xf4\r\n'
	stuck arm64 exit=7 'cannot exit: no semihosting\r\n'
	stuck x64 panic 'cannot panic: no pvpanic at 0x505 and none on PCI\r\n'
	stuck arm64 panic 'cannot panic: no pvpanic-pci\r\n'
	stuck arm64 fault 'cannot fault: no triple fault on arm64\r\n'
	stuck x64 exit=128 'cannot understand exit=128: expected 0 to 127\r\n'
	stuck arm64 wait=5s 'cannot understand wait=5s: expected 0 to 86400000\r\n'
}

@test "demo floods with every byte, in order" {
	python3 - 70000 >flood <<-'PY'
		import sys
		n = int(sys.argv[1])
		sys.stdout.buffer.write(bytes((i ^ i >> 8 ^ i >> 16) & 255 for i in range(n)))
	PY
	for machine in x64 arm64; do
		hello $machine flood=70000 none | cat - flood \
			>wanted
		boot $machine -append flood=70000 </dev/null |
			cmp - wanted
	done
	both expect 0 flood=0 ''
}

@test "demo echoes until ^D what it was sent, even before it came up" {
	python3 -c 'import sys
sys.stdout.buffer.write(bytes(i for i in range(256) if i != 4) * 8)' >sent
	for machine in x64 arm64; do
		args='wait=100 echo flood=3'
		{ hello $machine "$args" none; cat sent; printf '\0\1\2'; } >wanted
		{ cat sent; printf '\4more'; } |
			boot $machine -append "$args" >got
		cmp wanted got || { cat -A got stderr; false; }
	done
}

@test "demo echoes a byte at a time" {
	for machine in x64 arm64; do
		mkfifo in$machine
		EXEC=exec boot $machine -append echo <in$machine >got$machine 3>&- &
		exec 7>in$machine
		for c in a b c; do
			printf $c >&7
			wait_until grep -aq "$c$" got$machine
		done
		printf '\4' >&7
		exec 7>&-
		wait $!
	done
}

@test "demo makes numbered noise for ever" {
	for machine in x64 arm64; do
		EXEC=exec boot $machine -append noise </dev/null >got$machine 3>&- &
		wait_until grep -q 'noise 9' got$machine
		kill $!
		wait $! || true
		{ hello $machine noise none; printf 'noise %d\r\n' {0..9}; } >wanted
		head -n 14 got$machine | cmp - wanted
	done
}

@test "demo waits between words" {
	for machine in x64 arm64; do
		start=$(date +%s%N)
		expect 0 $machine 'wait=0 flood=2 wait=300 flood=1' '\0\1\0'
		[ $(($(date +%s%N) - start)) -ge 300000000 ]
	done
}

@test "demo for arm64 runs at EL2, with a GICv3, and with memory up high" {
	for m in virtualization=on gic-version=3 highmem=off secure=on; do
		hello arm64 wait=20 none >wanted
		boot arm64 -M virt,$m -append wait=20 </dev/null >got
		cmp wanted got || { echo $m; cat -A got stderr; false; }
	done
	hello arm64 '' none | sed 's/65536/8388608/' >wanted
	boot arm64 -m 8G -smp 4 </dev/null >got
	cmp wanted got
}
