load ../lib

# The Nth literal example of emu.7's EXAMPLES, as a terminal shows it.
example() {
	mandoc -Tutf8 "$EMU_ROOT/man/emu.7" | col -bx |
		sed -n '/^EXAMPLES/,/^SEE ALSO/p' | sed -n 's/^           //p; /^     [^ ]/s/.*/--/p' |
		awk -v n="$1" '/^--$/ { if (inside) block++; inside = 0; next } { inside = 1 }
			block == n - 1 && inside'
}

@test "the test in emu.7 talks with its guest" {
	need mandoc col socat jq qemu-system-x86_64
	cd "$BATS_TEST_TMPDIR"
	cp "$EMU_BUILD/demo-x64" .
	example 3 >test
	chmod +x test
	head -n 1 test | grep -qx '#!/bin/sh'
	example 1 >one
	example 2 >two
	export TMPDIR=$BATS_TEST_TMPDIR/parent
	mkdir parent
	sh -e one
	run -0 --separate-stderr timeout 60 sh two 3>&-
	# What the test says, and what the guest says to it.
	[ "${lines[0]}" = hello ] || { echo "$output"; false; }
	grep -aq hello serial.log
	[ -z "$(ls -A parent)" ]
}
