load ../lib

# A copy of the sources that may only be read, in a directory with a space, built
# elsewhere by whom as_user is: another PREFIX makes objects anew.
setup_file() {
	unset MAKEFLAGS MAKEOVERRIDES MFLAGS
	export BUILT=$BATS_FILE_TMPDIR/build SOURCE="$BATS_FILE_TMPDIR/the source"
	mkdir "$BUILT" "$SOURCE"
	(cd "$BATS_FILE_TMPDIR" && chmod a+x . .. ../..)
	(cd "$EMU_ROOT" && tar -c Makefile LICENSE README.md cmd common man share \
		tests/deps tests/*.mk) | tar -x -C "$SOURCE"
	chmod -R u=rX,go=rX "$SOURCE"
	[ "$(id -u)" -ne 0 ] || chown 65534 "$BUILT"
	as_user make -s -C "$SOURCE" B="$BUILT" PREFIX=/usr all
}

teardown_file() {
	chmod -R u+w "$SOURCE"
}

setup() {
	unset MAKEFLAGS MAKEOVERRIDES MFLAGS
	(cd "$BATS_TEST_TMPDIR" && chmod a+x . ..)
	dest="$BATS_TEST_TMPDIR/a dest"
	install_to_dest
}

# as_user CMD...: as an ordinary user.
as_user() {
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
	else
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	fi
}

install_to_dest() {
	make -s -C "$SOURCE" B="$BUILT" PREFIX=/usr DESTDIR="$dest" install
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
	make -s -C "$SOURCE" B="$BUILT" PREFIX=/usr DESTDIR="$dest" uninstall
	run find "$dest" ! -type d
	[ -z "$output" ] || { echo "$output"; false; }
}

@test "an installed emu-run boots the installed demo guest" {
	need qemu-system-x86_64
	run -0 --separate-stderr env PATH="$dest/usr/bin:/usr/bin:/bin" \
		timeout 60 emu-run -a poweroff "$dest/usr/share/emu/demo-x64"
	[[ ${lines[0]} = 'emu demo guest, x64'* ]]
}

@test "an ordinary user's installation works when the sources and the build are gone" {
	need qemu-system-x86_64
	mkdir "$BATS_TEST_TMPDIR/a home"
	home=$BATS_TEST_TMPDIR/a\ home/.local
	[ "$(id -u)" -ne 0 ] || chown 65534 "$BATS_TEST_TMPDIR/a home"
	as_user make -s -C "$SOURCE" B="$BUILT" PREFIX="$home" install
	run grep -c "$home/share/emu" "$home/bin/emu-watch"
	[ "$output" = 1 ]
	mv "$BUILT" "$BUILT.away"
	mv "$SOURCE" "$SOURCE.away"
	PATH=$home/bin:/usr/bin:/bin
	run --separate-stderr as_user emu-watch -f @linux \
		<<<'[    1.0] Kernel panic - not syncing: x'
	watched=$status said=$stderr
	TMPDIR=$BATS_TEST_TMPDIR/a\ home run as_user timeout 60 emu-run \
		-a poweroff "$home/share/emu/demo-x64"
	mv "$SOURCE.away" "$SOURCE"
	mv "$BUILT.away" "$BUILT"
	[ "$watched" -eq 1 ]
	[[ $said = *'linux: panic: line 1'* ]] || { echo "$said"; false; }
	[ "$status" -eq 0 ]
	[[ $output = *'emu demo guest, x64'* ]]
}

@test "install leaves directories of others as they are" {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	rm -rf "$dest"
	mkdir -p "$dest/usr/share/man/man7"
	chown 65534 "$dest" "$dest/usr" "$dest/usr/share"
	chmod 1777 "$dest"/usr/share/man{,/man7}
	as_user make -s -C "$SOURCE" B="$BUILT" PREFIX=/usr DESTDIR="$dest" install
	[ "$(stat -c '%u %a' "$dest/usr/share/man/man7")" = '0 1777' ]
	[ -s "$dest/usr/share/man/man7/emu.7" ]
}

@test "dist makes a tarball of what is committed" {
	need git
	git -C "$EMU_ROOT" rev-parse -q --verify HEAD >/dev/null
	make -s -C "$EMU_ROOT" B="$BUILT" dist
	run -0 tar -tf "$BUILT"/emu-0.1.tar.gz
	[[ $output = *emu-0.1/Makefile* ]]
	[[ $output = *emu-0.1/share/schema/emu-document.json* ]]
}
