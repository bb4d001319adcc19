load ../lib

@test "make deb makes a package that names the libraries, and what the scripts need" {
	need dpkg-deb dpkg-shlibdeps
	unset MAKEFLAGS MAKEOVERRIDES MFLAGS
	cd "$BATS_TEST_TMPDIR"
	make -s -C "$EMU_ROOT" B="$PWD/build" deb >/dev/null
	deb=build/emu_0.1_$(dpkg --print-architecture).deb
	run -0 dpkg-deb -f "$deb" Depends
	for p in libjansson4 libarchive13 libc6 libpcre2-8-0 jq; do
		[[ " $output," = *" $p"[\ ,t]* ]] || { echo "no $p: $output"; false; }
	done
	run -0 dpkg-deb -c "$deb"
	for p in bin/emu-run share/man/man1/emu-run.1.gz share/emu/demo-x64 share/doc/emu/copyright; do
		[[ $output = *" ./usr/$p"* ]] || { echo "no $p"; false; }
	done
	mkdir root
	dpkg-deb -x "$deb" root
	run -0 root/usr/bin/emu-watch -V
	[ "$output" = 'emu-watch 0.1' ]
	command -v lintian >/dev/null || return 0
	run -0 lintian --fail-on error "$deb"
}

@test "the templates for CI are YAML whose steps name options that emu-run has" {
	python3 -c 'import yaml' || need python3-yaml
	cd "$EMU_ROOT/share/ci"
	run -0 python3 - github/action.yml gitlab/boot.yml <<-'END'
		import sys, yaml
		action, lab = (yaml.safe_load(open(f)) for f in sys.argv[1:])
		print(action["runs"]["using"], len(action["runs"]["steps"]))
		print(lab["boot"]["artifacts"]["reports"]["junit"])
	END
	[ "$output" = $'composite 3\njunit.xml' ]
}
