load ../lib

setup() {
	dest=$BATS_TEST_TMPDIR/dest
	make -s -C "$EMU_ROOT" B="$EMU_BUILD" PREFIX=/usr DESTDIR="$dest" install
}

@test "install puts commands, pages and data under DESTDIR and PREFIX" {
	for c in "$EMU_ROOT"/cmd/emu-*; do
		c=${c##*/}
		[ -x "$dest/usr/bin/${c%.*}" ]
		[ -s "$dest/usr/share/man/man1/${c%.*}.1" ]
	done
	[ -s "$dest/usr/share/man/man5/emu-document.5" ]
	[ -s "$dest/usr/share/man/man7/emu.7" ]
	[ -s "$dest/usr/share/emu/patterns/linux" ]
	[ -s "$dest/usr/share/emu/demo-x64" ]
}

@test "uninstall takes everything away again" {
	make -s -C "$EMU_ROOT" B="$EMU_BUILD" PREFIX=/usr DESTDIR="$dest" uninstall
	run find "$dest" ! -type d
	[ -z "$output" ] || { echo "$output"; false; }
}

@test "an installed emu-run boots the installed demo guest" {
	need qemu-system-x86_64
	run -0 --separate-stderr env PATH="$dest/usr/bin:/usr/bin:/bin" \
		timeout 60 emu-run -a poweroff "$dest/usr/share/emu/demo-x64"
	[[ ${lines[0]} = 'emu demo guest, x64'* ]]
}

@test "dist makes a tarball of what is committed" {
	need git
	git -C "$EMU_ROOT" rev-parse -q --verify HEAD >/dev/null
	make -s -C "$EMU_ROOT" dist
	run -0 tar -tf "$EMU_ROOT"/emu-0.1.tar.gz
	rm "$EMU_ROOT"/emu-0.1.tar.gz
	[[ $output = *emu-0.1/Makefile* ]]
	[[ $output = *emu-0.1/share/schema/emu-document.json* ]]
}
