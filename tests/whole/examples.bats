load ../lib

setup() {
	need mandoc col jq
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$BATS_TEST_TMPDIR/parent
	mkdir parent
	cp "$EMU_BUILD/demo-x64" "$EMU_ROOT"/share/examples/demo-exit.json .
}

# The EXAMPLES of a page as a terminal shows them.
examples() {
	mandoc -Tutf8 -O width=300 "$EMU_ROOT/man/$1" | col -bx |
		sed -n '/^EXAMPLES/,/^SEE ALSO/p' | sed 's/^ *//'
}

# printed PAGE CMD: what the page says that CMD prints; fails when it does not
# know CMD.
printed() {
	examples "$1" | CMD="$ $2" awk '$0 == ENVIRON["CMD"] { found = 1; on = 1; next }
		/^\$ / || /^$/ { on = 0 }
		on
		END { exit !found }' || { echo "$1: no example: $2" >&2; false; }
}

# example PAGE CMD: CMD prints what the page says, on stdout and stderr together;
# "..." there stands for anything, and numbers of seconds may differ.
example() {
	local want got
	want=$(printed "$1" "$2")
	got=$(timeout 60 bash -c "$2" 2>&1 </dev/null | tr -d '\r' | tr -s ' \t' ' ' | sed 's/^ //')
	want=$(tr -s ' \t' ' ' <<<"$want" | seconds)
	got=$(seconds <<<"$got")
	want=$(sed 's/[][\\*?]/\\&/g; s/\.\.\./*/g' <<<"$want")
	# shellcheck disable=SC2053 # a pattern
	[[ $got == $want ]] || { printf '%s\ngot:\n%s\nwanted:\n%s\n' "$2" "$got" "$want"; false; }
}

seconds() {
	sed -E 's/[0-9]+\.[0-9]{6}/S/g; s/("timestamp":) [0-9]+/\1 N/; s/, [0-9.]+ s:/, S s:/'
}

@test "examples of emu-argv" {
	need qemu-system-x86_64
	example emu-argv.1 'emu-argv -s demo-exit.json'
	example emu-argv.1 'emu-argv -e demo-exit.json'
	printed emu-argv.1 'emu-argv demo-exit.json | emu-spawn' >/dev/null
	run -43 --separate-stderr sh -c 'emu-argv demo-exit.json | timeout 60 emu-spawn'
}

@test "an example of emu-argv: a machine that the emulator has not" {
	need qemu-system-aarch64
	echo '{"guest": "none", "target": "arm64", "machine": "virt-2.99"}' >board.json
	version=$(qemu-system-aarch64 --version | sed -n 's/.*version \([0-9.]*\).*/\1/p')
	want=$(printed emu-argv.1 'emu-argv board.json | emu-spawn' |
		sed "s/-aarch64 [0-9.]*/-aarch64 $version/")
	run -125 sh -c 'emu-argv board.json | emu-spawn'
	output=$(sed 's/can be .*/can be .../' <<<"$output")
	[ "$output" = "$want" ] || { echo "$output"; false; }
}

@test "examples of emu-cast" {
	example emu-cast.1 "printf 'login: gr\\303\\274n\\r\\n' | emu-cast -t demo -o demo.cast"
	example emu-cast.1 'cat demo.cast'
}

@test "examples of emu-env and emu-unpack" {
	echo '{"target": "x64", "cpu": 1, "memory": 64}' >qemu.json
	example emu-env.1 'emu-env qemu.json'
	need bsdtar zstd
	mkdir -m 700 run
	mkdir out
	yes emu | head -c 300000 >out/bzImage
	bsdtar -caf build.tar.zst out
	example emu-unpack.1 'emu-unpack -d run build.tar.zst out/bzImage=kernel'
	cmp run/kernel out/bzImage
}

@test "examples of emu-fvm-extend" {
	"$EMU_BUILD/tests/emu-fvm-extend/image" make fvm.blk 1048576 ab.c
	cmd="emu-fvm-extend -I -f fvm.blk | jq -r '.partitions[] | \"\\(.name) \\(.slices)\"'"
	printed emu-fvm-extend.1 "$cmd" >/dev/null
	run -0 bash -c "$cmd"
	[ "${lines[0]}" = 'a 1' ] || { echo "$output"; false; }
	printed emu-fvm-extend.1 'emu-fvm-extend -n -f fvm.blk' >/dev/null
	run -0 emu-fvm-extend -n -f fvm.blk
	[[ $output == 'fvm.blk: '*' to 10000000000 bytes, '*' slices of 1048576 bytes, 3 partitions, copy A active, slices move by '*' bytes' ]]
}

@test "examples of emu-ktap and emu-watch" {
	cd "$EMU_ROOT"
	example emu-watch.1 'emu-watch -f @linux < tests/emu-watch/logs/linux-panic > /dev/null'
	printed emu-ktap.1 'emu-ktap < tests/emu-ktap/logs/kunit-example > tests.tap' >/dev/null
	run -0 sh -c 'emu-ktap < tests/emu-ktap/logs/kunit-example'
	cd "$BATS_TEST_TMPDIR"
	echo "$output" >tests.tap
	need prove
	run -0 prove -e cat tests.tap
	[ "${lines[0]}" = 'tests.tap .. ok' ]
}

@test "examples of emu-scratch" {
	printed emu-scratch.1 "emu-scratch sh -c 'ls -ld \"\$EMU_SCRATCH\"'" >/dev/null
	run -0 emu-scratch sh -c 'ls -ld "$EMU_SCRATCH"'
	[[ $output == 'drwx------ '*" $TMPDIR/emu-scratch-"* ]]
	[ -z "$(ls -A parent)" ]
}

@test "examples of emu-spawn" {
	example emu-spawn.1 "emu-spawn -t 5 -o record.json sh -c 'echo hello; sleep 60'"
	example emu-spawn.1 "jq -c '[.cause, .status, .bytes_out]' record.json"
}

@test "examples of emu-stage" {
	mkdir -m 700 run
	echo ok >kernel
	printf x | dd of=disk bs=1M seek=1 conv=notrunc status=none
	truncate -s 10G disk
	echo '{"guest": "none", "target": "x64", "images": [
		{"name": "k", "type": "kernel", "path": "kernel"},
		{"name": "d", "type": "blk", "path": "disk"}], "drives": [{"image": "blk_d"}]}' >machine.json
	printed emu-stage.1 'emu-stage -v -d run machine.json >staged.json' >/dev/null
	run -0 --separate-stderr sh -c 'emu-stage -v -d run machine.json >staged.json'
	# Where the file system can, they are cloned.
	grep -Eqx 'emu-stage: kernel_k: (cloned|copied), 3 bytes.*' <<<"$stderr" || { echo "$stderr"; false; }
	grep -Eqx 'emu-stage: blk_d: (cloned|copied), 10737418240 bytes.*' <<<"$stderr"
	jq -e 'all(.images[]; .staged)' staged.json >/dev/null
}

@test "documents of emu-document(5)" {
	: >vmlinuz >initrd.gz
	: >disk.qcow2
	for first in linux none; do
		examples emu-document.5 |
			sed -n "/^{/{N;/\"guest\": \"$first\"/!d;:a;p;n;/^}/!ba;p}" >doc.json
		run -0 emu-argv -s doc.json
		[[ $output = qemu-system-x86_64* ]]
	done
}
