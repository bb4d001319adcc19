load ../lib

# The whole pipeline, put together as in DESIGN and the README, with what users
# get wrong at every place: one line names it, the status is not 0, no emulator
# is started, and nothing is left in the scratch parent.

setup() {
	cd "$BATS_TEST_TMPDIR"
	parent=$BATS_TEST_TMPDIR/parent
	mkdir -p "$parent" emulator files
	# An emulator that leaves a trace when it is started.
	cat >emulator/qemu-system-x86_64 <<-EOF
		#!/bin/sh
		[ "\$1" != -object ] || exit 1 # asked, not started
		touch "$BATS_TEST_TMPDIR/started"
		printf '%s\n' "\$@" >"$BATS_TEST_TMPDIR/words"
		echo hello
	EOF
	chmod +x emulator/qemu-system-x86_64
	head -c 5000 /dev/urandom >files/kernel
	head -c 7000 /dev/urandom >files/zbi
	cat >files/images.json <<-'EOF'
		[{"name": "qemu-kernel", "type": "kernel", "path": "kernel"},
		 {"name": "zircon-a", "type": "zbi", "path": "zbi"},
		 {"name": "never-built", "type": "blk", "path": "nowhere"}]
	EOF
	config='{"type": "qemu", "path": "emulator", "target": "x64", "cpu": 1,
		"memory": 512, "user_networking": true}'
	printf '[%s]' "$config" >qemu.json
}

pipeline() {
	timeout 60 env TMPDIR="$parent" PATH="${path:-$PATH}" emu-scratch sh -c '
		emu-stage -i files/images.json qemu.json | emu-fvm-extend |
		emu-argv -m | emu-spawn -l serial.log'
}

# broken LINE...: the pipeline fails with exactly these lines on stderr, and
# leaves nothing.
broken() {
	run --separate-stderr pipeline
	local want
	want=$(printf '%s\n' "$@")
	[ "$status" -eq 125 ] && [ "$stderr" = "$want" ] && [ -z "$output" ] || {
		printf 'status %s\nstderr:\n%s\nwanted:\n%s\nstdout: %s\n' \
			"$status" "$stderr" "$want" "$output"
		return 1
	}
	[ ! -e started ] || { echo 'the emulator was started'; return 1; }
	[ -z "$(ls -A "$parent")" ] || { echo "left: $(ls -A "$parent")"; return 1; }
}

behind_stage='emu-fvm-extend: <stdin>: empty
emu-argv: <stdin>: empty
emu-spawn: <stdin>: empty'
behind_argv='emu-spawn: <stdin>: empty'

@test "a botanist configuration runs its emulator with botanist's words" {
	run -0 --separate-stderr pipeline
	[ "$output" = hello ]
	[ "$(cat serial.log)" = hello ]
	[ -z "$(ls -A "$parent")" ]
	run cat words
	[ "${lines[0]}" = -kernel ]
	[[ ${lines[1]} = "$parent"/*/kernel_qemu-kernel ]]
	[[ ${lines[3]} = "$parent"/*/zbi_zircon-a ]]
}

@test "no configuration" {
	rm qemu.json
	broken 'emu-stage: qemu.json: No such file or directory' "$behind_stage"
}

@test "an empty configuration" {
	: >qemu.json
	broken 'emu-stage: qemu.json: empty' "$behind_stage"
}

@test "a configuration that is not JSON" {
	echo '{"target": x64}' >qemu.json
	broken "emu-stage: qemu.json:1:12: invalid token near 'x'" "$behind_stage"
}

@test "a configuration that is no object" {
	echo 7 >qemu.json
	broken 'emu-stage: qemu.json: expected an object' "$behind_stage"
}

@test "a duplicate key" {
	echo '{"target": "x64", "target": "arm64"}' >qemu.json
	broken 'emu-stage: qemu.json:1:19: duplicate key "target"' "$behind_stage"
}

@test "a value of the wrong type" {
	echo '{"path": "emulator", "target": "x64", "cpu": "4", "memory": 512}' >qemu.json
	broken 'emu-argv: <stdin>: cpu: expected an integer' "$behind_argv"
}

@test "an unknown key" {
	echo '{"path": "emulator", "target": "x64", "memroy": 4}' >qemu.json
	broken 'emu-argv: <stdin>: memroy: unknown key, did you mean "memory"?' "$behind_argv"
}

@test "an unknown target" {
	sed -i 's/x64/mips/' qemu.json
	broken 'emu-argv: <stdin>: target: expected one of x64, i386, arm64, arm, riscv64, s390x, ppc64le, ppc64, mips64el, mipsel, loong64, not "mips"' \
		"$behind_argv"
}

@test "a manifest without kernel" {
	jq '.[1:]' files/images.json >files/i
	mv files/i files/images.json
	broken 'emu-argv: <stdin>: images: no image "kernel_qemu-kernel"' "$behind_argv"
}

@test "a manifest without zbi" {
	jq '.[:1]' files/images.json >files/i
	mv files/i files/images.json
	broken 'emu-argv: <stdin>: images: no image "zbi_zircon-a"' "$behind_argv"
}

@test "an image that does not exist" {
	rm files/zbi
	broken "emu-stage: $PWD/files/zbi: No such file or directory" "$behind_stage"
}

@test "an image that is a directory" {
	rm files/zbi
	mkdir files/zbi
	broken "emu-stage: $PWD/files/zbi: Is a directory" "$behind_stage"
}

@test "an image whose name has a slash" {
	jq '[.[] | .name |= sub("zircon-a"; "zircon/a")] | map(. + {type: "zbi"})' \
		files/images.json >files/i
		mv files/i files/images.json
	jq '.[0] + {guest: "none"}' qemu.json >q
	mv q qemu.json
	broken 'emu-stage: qemu.json: images[1].name: "zircon/a" has a slash' "$behind_stage"
}

@test "a scratch directory that cannot be made" {
	run --separate-stderr timeout 60 env TMPDIR=/proc emu-scratch true
	[ "$status" -eq 125 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr = 'emu-scratch: /proc'*': '* ]]
}

@test "no directory to stage into" {
	expect_error 1 'emu-stage: no directory for the images: -d dir, $EMU_SCRATCH or emu-scratch(1) gives one' emu-stage qemu.json
}

@test "a full disk" {
	[ "$(id -u)" -eq 0 ] || skip 'not root'
	mkdir small
	mount -t tmpfs -o size=64k none small
	head -c 1000000 /dev/urandom >files/zbi
	parent=$PWD/small
	run --separate-stderr pipeline
	left=$(ls -A small)
	umount small
	[ "$status" -eq 125 ]
	[[ ${stderr_lines[0]} = "emu-stage: $PWD/small/"*': No space left on device: the images need 1 MiB, 0 are free' ]] ||
		{ echo "$stderr"; false; }
	[ "${#stderr_lines[@]}" -eq 4 ]
	[ ! -e started ]
	[ -z "$left" ]
}

@test "an emulator that is missing" {
	rm emulator/qemu-system-x86_64
	broken "emu-argv: <stdin>: path: $PWD/emulator/qemu-system-x86_64: No such file or directory" \
		"$behind_argv"
}

@test "an emulator that is not in PATH" {
	jq '[.[0] | del(.path)]' qemu.json >q
	mv q qemu.json
	mkdir bin
	ln -s "$(command -v sh)" bin
	path=$EMU_BUILD:$PWD/bin
	run -127 --separate-stderr pipeline
	[ "$status" -eq 127 ]
	[ "$stderr" = 'emu-spawn: qemu-system-x86_64: No such file or directory' ] ||
		{ echo "$stderr"; false; }
	[ -z "$(ls -A "$parent")" ]
}

@test "an emulator that is not executable" {
	chmod -x emulator/qemu-system-x86_64
	run --separate-stderr pipeline
	[ "$status" -eq 126 ]
	[ "$stderr" = "emu-spawn: $PWD/emulator/qemu-system-x86_64: Permission denied" ] ||
		{ echo "$stderr"; false; }
	[ -z "$(ls -A "$parent")" ]
}

@test "a signal to any member of the pipeline" {
	# Each command in turn is replaced by one that kills itself.
	for victim in emu-stage emu-fvm-extend emu-argv emu-spawn; do
		for signal in TERM KILL INT HUP PIPE; do
			mkdir -p stub
			rm -f stub/*
			printf '#!/bin/sh\nkill -%s $$\nsleep 10\n' $signal >"stub/$victim"
			chmod +x "stub/$victim"
			run --separate-stderr env PATH="$PWD/stub:$PATH" bash -c "$(declare -f pipeline); parent=$parent; pipeline"
			[ "$status" -ne 0 ] || { echo "$victim $signal: 0"; false; }
			[ ! -e started ] || { echo "$victim $signal: started"; false; }
			[ -z "$(ls -A "$parent")" ] || { echo "$victim $signal: left $(ls -A "$parent")"; false; }
		done
	done
}

@test "every command with a limit refuses an EMU_TIME_SCALE that is no factor" {
	echo '{}' >document
	for scale in fast 0 -1 1x nan inf; do
		export EMU_TIME_SCALE=$scale
		expect_error 125 "emu-scratch: EMU_TIME_SCALE: not a factor: $scale" emu-scratch touch ran
		expect_error 125 "emu-spawn: EMU_TIME_SCALE: not a factor: $scale" emu-spawn touch ran
		expect_error 125 "emu-watch: EMU_TIME_SCALE: not a factor: $scale" emu-watch
		expect_error 1 "emu-argv: EMU_TIME_SCALE: not a factor: $scale" emu-argv document
		expect_error 1 "emu-fvm-extend: EMU_TIME_SCALE: not a factor: $scale" emu-fvm-extend document
	done
	[ ! -e ran ]
	# An empty one is none, and -T beats it.
	EMU_TIME_SCALE='' emu-spawn -C . true
	EMU_TIME_SCALE=fast emu-spawn -C . -T 1 true
}

# stuck CMD...: runs it with a stderr that is full and that nobody reads.
stuck() {
	mkfifo full
	exec 5<>full
	dd if=/dev/zero of=full bs=4096 count=1000 oflag=nonblock status=none 2>/dev/null || true
	status=0
	timeout -k 1 60 "$@" 2>full 5>&- 3>&- || status=$?
	exec 5>&-
	rm full
}

@test "a stderr that nobody reads holds no command up" {
	printf 'a\nKernel panic - not syncing: x\nb\n' >line
	stuck emu-watch -f @linux -g 0.1 <line >got
	[ "$status" -eq 1 ]
	cmp line got
	stuck emu-watch -t 0.5 < <(echo a; sleep 30) >got
	[ "$status" -eq 124 ]
	mkdir staged
	stuck emu-stage -v -d staged -i files/images.json qemu.json >document
	[ "$status" -eq 0 ]
	jq -e '.images | length > 0' document || jq -e '.[0].images | length > 0' document
	stuck emu-fvm-extend -v -d staged document >grown
	[ "$status" -eq 0 ]
	[ -s grown ]
	stuck emu-stage -d staged no-such-document
	[ "$status" -eq 1 ]
	stuck emu-argv no-such-document
	[ "$status" -eq 1 ]
	stuck emu-ktap <line
	[ "$status" -eq 2 ]
	stuck emu-doc no-such-file
	[ "$status" -eq 1 ]
}
