load ../lib

# A copy of what a reader has who has just cloned, with the kernels that are here.
clone() {
	mkdir clone
	if [ -e "$EMU_ROOT/.git" ]; then
		git -C "$EMU_ROOT" -c safe.directory='*' ls-files -co --exclude-standard -z |
			cpio -0pdm --quiet -D "$EMU_ROOT" "$BATS_TEST_TMPDIR/clone"
	else
		tar -C "$EMU_ROOT" --exclude=./build -cf - . | tar -C clone -xf -
	fi
	"$EMU_ROOT/tests/whole/kernels/fetch" amd64
	EMU_KERNELS=$(realpath "$EMU_BUILD/kernels")
	export EMU_KERNELS
	cd clone
}

@test "in a clone, make demo shows the verdicts in ten lines, and every command of README and emu-howto(7) prints what it says" {
	need git cpio python3 qemu-system-x86_64 qemu-img jq mandoc gdb ssh ssh-keygen dropbear dropbearkey
	cd "$BATS_TEST_TMPDIR"
	clone
	unset MAKEFLAGS MAKELEVEL CFLAGS LDFLAGS EMU_BUILD
	PATH=${PATH#*:}
	run -0 --separate-stderr make -s -j2 demo
	[ -z "$stderr" ] || { echo "$stderr"; false; }
	echo "$output" | tr -d '\r' >demo
	sed 's/[0-9][0-9]*\.[0-9] s/T/g' demo >shown
	cat >wanted <<-'EOT'
		emu demo guest, x64
		memory: 1048576 KiB
		arguments: 
		disk: none

		the guest                   status of QEMU    verdict of emu-run
		powers off                  0 after T      0, exit, after T
		panics                      0 after T      120, panic, after T
		resets                      0 after T      121, reset, after T
		hangs (QEMU: killed at 3 s) 0 after T      122, silence, after T
	EOT
	diff -b wanted shown
	run python3 tests/whole/readme.py README.md
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	# So does every command of the page of wishes, in the same place.
	cd build/try
	export PATH=$PWD/..:$PATH
	# sshd looks for keys in the home that the user has, not in that of the tests.
	HOME=$(getent passwd "$(id -u)" | cut -d : -f 6)
	mandoc -Tmarkdown ../../man/emu-howto.7 | sed 's/^\t/    /' >../howto
	run python3 ../../tests/whole/readme.py ../howto
	[ "$status" -eq 0 ] || { echo "$output"; false; }
}
