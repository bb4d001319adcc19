load ../lib

# A build of its own: another PREFIX makes objects anew.
setup_file() {
	export BUILT=$BATS_FILE_TMPDIR/build
	make -s -C "$EMU_ROOT" B="$BUILT" PREFIX=/usr all
}

setup() {
	dest="$BATS_TEST_TMPDIR/a dest"
	install_to_dest
}

install_to_dest() {
	make -s -C "$EMU_ROOT" B="$BUILT" PREFIX=/usr DESTDIR="$dest" install
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
	[ -s "$dest/usr/share/doc/emu/LICENSE" ]
}

@test "completions are where bash, zsh and fish look" {
	for c in "$EMU_ROOT"/cmd/emu-*; do
		c=$(basename "${c%.*}")
		[ -s "$dest/usr/share/bash-completion/completions/$c" ]
		[ -s "$dest/usr/share/fish/vendor_completions.d/$c.fish" ]
		grep -q "^#compdef .*\<$c\>" "$dest/usr/share/zsh/site-functions/_emu"
	done
}

@test "what is installed can be read by everybody, whatever the umask" {
	rm -rf "$dest"
	(umask 077 && install_to_dest)
	run find "$dest/usr/share/emu" "$dest/usr/bin" ! -perm -a=r
	[ -z "$output" ] || { echo "$output"; false; }
}

@test "uninstall takes everything away again" {
	make -s -C "$EMU_ROOT" B="$BUILT" PREFIX=/usr DESTDIR="$dest" uninstall
	run find "$dest" ! -type d
	[ -z "$output" ] || { echo "$output"; false; }
}

@test "an installed emu-run boots the installed demo guest" {
	need qemu-system-x86_64
	run -0 --separate-stderr env PATH="$dest/usr/bin:/usr/bin:/bin" \
		timeout 60 emu-run -a poweroff "$dest/usr/share/emu/demo-x64"
	[[ ${lines[0]} = 'emu demo guest, x64'* ]]
}

@test "an installation with another PREFIX looks for its data there" {
	home=$BATS_TEST_TMPDIR/home/.local
	make -s -C "$EMU_ROOT" B="$BUILT" PREFIX="$home" install
	run grep -c "$home/share/emu" "$home/bin/emu-watch"
	[ "$output" = 1 ]
	mv "$BUILT" "$BUILT.away"
	run -1 --separate-stderr "$home/bin/emu-watch" -f @linux <<<'[    1.0] Kernel panic - not syncing: x'
	mv "$BUILT.away" "$BUILT"
	[[ $stderr = *'linux: panic: line 1'* ]]
}

@test "dist makes a tarball of what is committed" {
	need git
	git -C "$EMU_ROOT" rev-parse -q --verify HEAD >/dev/null
	make -s -C "$EMU_ROOT" B="$BUILT" dist
	run -0 tar -tf "$BUILT"/emu-0.1.tar.gz
	[[ $output = *emu-0.1/Makefile* ]]
	[[ $output = *emu-0.1/share/schema/emu-document.json* ]]
}
