load ../lib

# Every row of share/targets.json that Debian has a kernel for here, booted to a
# shell on its first serial line, that powers off.
rows='i386:i386:i686
arm:armhf:armv7l
riscv64:riscv64:riscv64
s390x:s390x:s390x
ppc64le:ppc64el:ppc64le
mips64el:mips64el:mips64
mipsel:mipsel:mips'

# boot TARGET:DEBIAN:MACHINE: as TARGET.out, TARGET.status ...
boot() {
	local target=${1%%:*} debian=${1#*:} status=0
	debian=${debian%:*}
	cd "$BATS_FILE_TMPDIR" || return
	emu-run -k no -a quiet -t 120 -W 'guest# ' -i commands -o "$target.record" \
		"$EMU_BUILD/kernels/vmlinuz-$debian" "$EMU_BUILD/kernels/initrd-$debian.gz" \
		>"$target.out" 2>"$target.err" || status=$?
	echo "$status" >"$target.status"
}

setup_file() {
	need apt-get dpkg-deb cpio flock jq qemu-system-s390x qemu-system-ppc64 \
		qemu-system-mips64el qemu-system-mipsel qemu-system-riscv64
	export EMU_TEST_WAIT=90
	# shellcheck disable=SC2046 # words
	"$EMU_ROOT/tests/whole/kernels/fetch" $(cut -d : -f 2 <<<"$rows") \
		2>"$BATS_FILE_TMPDIR/fetch" || {
		cat "$BATS_FILE_TMPDIR/fetch"
		[ "${EMU_TEST_STRICT:-}" != 1 ] || return 1
		skip "no kernels: $(tail -n 1 "$BATS_FILE_TMPDIR/fetch")"
	}
	printf 'uname -m\npoweroff\n' >"$BATS_FILE_TMPDIR/commands"
	export -f boot
	xargs -P 2 -n 1 bash -c 'boot "$1"' - <<<"$rows"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# booted TARGET MACHINE: so it went.
booted() {
	cd "$BATS_FILE_TMPDIR" || return 1
	[ "$(cat "$1.status")" = 0 ] || { tail -n 20 "$1.out" "$1.err"; return 1; }
	grep -aqx "$2"$'\r' "$1.out" || { tail -n 20 "$1.out"; return 1; }
	[ "$(jq -r .cause "$1.record")" = exit ]
}

@test "i386: Debian's kernel and busybox boot, say their machine and power off" {
	booted i386 i686
}

@test "arm: Debian's kernel and busybox boot, say their machine and power off" {
	booted arm armv7l
}

@test "riscv64: Debian's kernel and busybox boot, say their machine and power off" {
	booted riscv64 riscv64
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
