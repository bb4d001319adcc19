load ../lib

# Every row of share/targets.json that Debian has a kernel for here: booted to a
# shell on its first serial line, that says what machine it is and ends it in one
# way or another. Lines are TARGET:DEBIAN:END.
ends='i386:i386:poweroff
arm:armhf:poweroff
riscv64:riscv64:poweroff
s390x:s390x:poweroff
ppc64le:ppc64el:poweroff
mips64el:mips64el:poweroff
mipsel:mipsel:poweroff
i386:i386:panic
arm:armhf:panic
riscv64:riscv64:panic
s390x:s390x:panic
ppc64le:ppc64el:panic
mips64el:mips64el:panic
mipsel:mipsel:panic
mips64el:mips64el:stuck
mipsel:mipsel:silent
ppc64le:ppc64el:halt
arm64:arm64:panic
x64:amd64:reboot
x64:amd64:halt
x64:amd64:hang
s390x:s390x:halt
riscv64:riscv64:halt
mipsel:mipsel:reboot'
# A Linux of loong64 starts by UEFI alone, whose firmware is for a QEMU from 9 on.
if [ -e /usr/share/qemu/firmware/60-edk2-loongarch64.json ]; then
	ends+='
loong64:loong64:poweroff'
fi

# boot TARGET:DEBIAN:END: as TARGET-END.out, TARGET-END.status ...
boot() {
	local target=${1%%:*} end=${1##*:} debian=${1#*:} status=0 more=''
	debian=${debian%:*}
	cd "$BATS_FILE_TMPDIR" || return
	case $end in
	panic | stuck | silent) command='echo c >/proc/sysrq-trigger' ;;
	hang) command='echo hangs; while :; do :; done' ;;
	*) command="$end -f" ;;
	esac
	# What says nothing of its end, only its words or its silence tell.
	case $1 in
	x64:*:halt | *:hang) more="-q 20" ;;
	*:stuck) more="-a panic=0 -w emu-watch\ -f\ @linux" ;;
	*:silent) more="-a panic=0 -q 20" ;;
	esac
	printf 'uname -m\n%s\n' "$command" >"$target-$end.commands"
	eval "emu-run -k no -a quiet -t 150 -W 'guest# ' -i \"$target-$end.commands\" $more" \
		'-o "$target-$end.record" "$EMU_BUILD/kernels/vmlinuz-$debian"' \
		'"$EMU_BUILD/kernels/initrd-$debian.gz" >"$target-$end.out" 2>"$target-$end.err"' ||
		status=$?
	echo "$status" >"$target-$end.status"
}

setup_file() {
	need apt-get dpkg-deb cpio flock jq qemu-system-s390x qemu-system-ppc64 \
		qemu-system-mips64el qemu-system-mipsel qemu-system-riscv64
	export EMU_TEST_WAIT=90
	# shellcheck disable=SC2046 # words
	"$EMU_ROOT/tests/whole/kernels/fetch" $(cut -d : -f 2 <<<"$ends" | sort -u) \
		2>"$BATS_FILE_TMPDIR/fetch" || {
		cat "$BATS_FILE_TMPDIR/fetch"
		[ "${EMU_TEST_STRICT:-}" != 1 ] || return 1
		skip "no kernels: $(tail -n 1 "$BATS_FILE_TMPDIR/fetch")"
	}
	export -f boot
	# shellcheck disable=SC2016 # the inner shell's
	xargs -P 2 -n 1 bash -c 'boot "$1"' - <<<"$ends"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# What QMP tells of a power off of riscv64: nothing in QEMU 7.2.
riscv64_off='@(-|SHUTDOWN)'

# ended TARGET-END STATUS CAUSE [EVENT]: so it went, and QMP told of that event, a
# pattern.
ended() {
	cd "$BATS_FILE_TMPDIR" || return 1
	local got
	got="$(cat "$1.status") $(jq -r '"\(.cause) \(.qmp.event // "-")"' "$1.record")"
	[[ $got = "$2 $3 "${4:--} ]] || { echo "$got"; tail -n 20 "$1.out" "$1.err"; return 1; }
}

# booted TARGET MACHINE [EVENT]: it said its machine and powered off.
booted() {
	ended "$1-poweroff" 0 exit "${3-SHUTDOWN}"
	grep -aqx "$2"$'\r' "$1-poweroff.out" || { tail -n 20 "$1-poweroff.out"; return 1; }
}

@test "i386: Debian's kernel and busybox boot, say their machine and power off" {
	booted i386 i686
}

@test "arm: Debian's kernel and busybox boot, say their machine and power off" {
	booted arm armv7l
}

@test "riscv64: Debian's kernel and busybox boot, say their machine and power off" {
	booted riscv64 riscv64 "$riscv64_off"
}

@test "s390x: Debian's kernel and busybox boot, say their machine and power off" {
	booted s390x s390x
}

@test "ppc64le: Debian's kernel and busybox boot, say their machine and power off" {
	booted ppc64le ppc64le
}

@test "mips64el: Debian's kernel and busybox boot, say their machine and power off" {
	booted mips64el mips64
}

@test "mipsel: Debian's kernel and busybox boot, say their machine and power off" {
	booted mipsel mips
}

@test "loong64: Debian's kernel and busybox boot, say their machine and power off" {
	[[ $ends = *loong64* ]] || skip 'no firmware for loong64'
	booted loong64 loongarch64
}

@test "a panic is told by QMP where the machine tells it" {
	ended s390x-panic 120 panic GUEST_PANICKED
	ended ppc64le-panic 120 panic GUEST_PANICKED
}

@test "a panic is told by the line's last words where the kernel only resets" {
	for t in i386 arm riscv64 arm64 mips64el mipsel; do
		ended $t-panic 120 panic SHUTDOWN
		[ "$(tail -n 1 $t-panic.err)" = 'emu-run: the guest panicked: sysrq triggered crash' ]
		[ "$(jq -r .qmp.data.reason $t-panic.record)" = guest-reset ]
	done
}

@test "a panic that ends nothing is told by a filter of the words" {
	ended mipsel-silent 122 silence
	cd "$BATS_FILE_TMPDIR"
	[ "$(cat mips64el-stuck.status)" = 1 ] || { cat mips64el-stuck.status; false; }
	[ "$(jq -r .cause mips64el-stuck.record)" = filter ]
	grep -q 'sysrq triggered crash' mips64el-stuck.err
}

@test "reboot, halt and a hang: what QMP tells of them" {
	ended x64-reboot 121 reset SHUTDOWN
	ended mipsel-reboot 121 reset SHUTDOWN
	ended x64-halt 122 silence
	ended x64-hang 122 silence
	ended s390x-halt 0 exit SHUTDOWN
	ended ppc64le-halt 0 exit SHUTDOWN
	ended riscv64-halt 0 exit "$riscv64_off"
}

@test "every target's emulator knows its machine, CPU and console's device" {
	tested=0
	for t in $(jq -r '.targets[].name' "$EMU_ROOT/share/targets.json"); do
		words=$(emu-argv -p -s <<<"{\"guest\": \"linux\", \"target\": \"$t\"}")
		[ -n "$words" ]
		tested=$((tested + 1))
	done
	[ "$tested" -ge 11 ]
}

@test "a target has each of its spellings, in a document and in an image's cpu" {
	printf x >k
	for pair in $(jq -r '.targets[] | .name as $n | .names[] | "\($n)/\(.)"' \
		"$EMU_ROOT/share/targets.json"); do
		run -0 emu-argv -s <<<"{\"guest\": \"linux\", \"target\": \"${pair#*/}\",
			\"images\": [{\"name\": \"k\", \"type\": \"kernel\", \"path\": \"k\",
			\"cpu\": \"${pair%/*}\"}]}"
		own=$(emu-argv -s <<<"{\"guest\": \"linux\", \"target\": \"${pair%/*}\",
			\"images\": [{\"name\": \"k\", \"type\": \"kernel\", \"path\": \"k\"}]}")
		[ "$output" = "$own" ]
		[[ $output = *" -kernel $PWD/k "* ]]
	done
}

@test "EMU_TARGETS adds a target and changes one" {
	export EMU_TARGETS=$PWD/own.json
	echo '{"targets": [{"name": "arm64", "cpu": "max"},
		{"name": "toy", "names": ["toi"], "emulator": "emulator-of-toys", "machine": "box",
		 "cpu": "c", "console": "ttyT0", "heads": [{"at": 4, "hex": "544f59", "what": "a toy"}]}],
		"machines": [{"name": "box", "bus": "toys"}]}' >own.json
	run -0 emu-argv -s <<<'{"guest": "linux", "target": "aarch64"}'
	[[ $output = *' -machine virt -cpu max '* ]]
	printf 'x...TOY' >kernel
	truncate -s 4096 kernel
	run -0 sh -c 'emu-doc -k no kernel | emu-argv -s'
	[[ $output = "emulator-of-toys -nodefaults -display none -machine box -cpu c "*"-append 'console=ttyT0 panic=-1'" ]]
	[ "$(emu-doc -A toi kernel | jq -r .target)" = toy ]
	echo '{"targets": [{"name": "toy"}]}' >own.json
	expect_error 1 "emu-argv: $PWD/own.json: targets[0]: Object item not found: emulator" \
		emu-argv <<<'{"guest": "none", "target": "x64"}'
	expect_error 1 "emu-doc: $PWD/none.json: No such file or directory" \
		env EMU_TARGETS="$PWD/none.json" emu-doc kernel
}

# board: for a Cortex-M3 at 0: stack and start, then "m" on the UART and
# semihosting's exit with 21.
board() {
	python3 - >board.elf <<-'PY'
	import struct, sys
	code = [0x2040, 0x0600, 0x2140, 0x0209, 0x1840, 0x2101, 0x6081, 0x216d, 0x6001,
	        0x210a, 0x6001, 0x2020, 0xa100, 0xbeab]
	load = struct.pack("<II", 0x1000, 9) + struct.pack(f"<{len(code)}H", *code) + \
	    struct.pack("<II", 0x20026, 21)
	sys.stdout.buffer.write(struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\1\1\1", 2, 40, 1, 9, 52,
	    0, 0x5000200, 52, 32, 1, 0, 0, 0) + struct.pack("<8I", 1, 84, 0, 0, len(load),
	    len(load), 5, 4) + load)
	PY
}

@test "a microcontroller's board runs an ELF file, which exits by semihosting" {
	need qemu-system-arm
	board
	echo '{"guest": "none", "target": "arm", "machine": "mps2-an385", "cpu_model": "cortex-m3",
		"memory": 16, "semihosting": true,
		"images": [{"name": "board", "type": "kernel", "path": "board.elf"}]}' >board.json
	run -21 --separate-stderr sh -c 'emu-argv board.json | emu-spawn -t 60'
	[ "$output" = m ]
	# The same as a target of the user's own, as the page has it.
	mandoc -Tutf8 "$EMU_ROOT/man/emu-targets.5" | col -bx |
		sed -n '/cat targets.json/,/EMU_TARGETS=/{//!p}' >targets.json
	jq 'del(.machine, .cpu_model) | .target = "cortex-m3"' board.json >own.json
	EMU_TARGETS=targets.json run -21 --separate-stderr sh -c \
		'emu-argv own.json | emu-spawn -t 60'
	[ "$output" = m ]
}

@test "ppc64: an ELF kernel of ours says a letter and powers off" {
	need qemu-system-ppc64
	# Hypercalls: H_PUT_TERM_CHAR of "p", then H_RTAS with power-off's arguments.
	python3 - >ppc64.elf <<-'PY'
	import struct, sys
	code = struct.pack(">18I", 0x38600058, 0x3c807100, 0x38a00001, 0x38c00070, 0x78c6c1c6,
	    0x44000022, 0x3c600000, 0x6063f000, 0x4800001d, 0x2003, 2, 1, 0, 0, 0, 0x7c8802a6,
	    0x44000022, 0x48000000)
	sys.stdout.buffer.write(struct.pack(">16sHHIQQQIHHHHHH", b"\x7fELF\2\2\1", 2, 21, 1, 0, 64, 0,
	    1, 64, 56, 1, 0, 0, 0) + struct.pack(">IIQQQQQQ", 1, 7, 120, 0, 0, len(code), len(code),
	    4) + code)
	PY
	run -0 --separate-stderr emu-run -k no -o record -t 100 ppc64.elf </dev/null
	[[ $output = *'Booting from memory...'*p ]] || { echo "$output"; false; }
	[ "$(jq -r .qmp.data.reason record)" = guest-shutdown ]
}
