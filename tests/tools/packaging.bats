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

# The steps of a template, with stand-ins for what installs, boot a repository's kernel.
boots() { # boots github|gitlab RESULTS
	cd "$BATS_TEST_TMPDIR"
	mkdir bin repository
	ln -s "$EMU_ROOT" repository/emu
	cp "$EMU_ROOT/tests/tools/elsewhere/repository.mk" repository/Makefile
	make=$(command -v make)
	printf '#!/bin/sh\necho "apt-get $*" >>%q\n' "$PWD/said" >bin/apt-get
	printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
	printf '#!/bin/sh\n[ "$1" != -C ] || { echo "make $*" >>%q; exit; }\nexec %q "$@"\n' \
		"$PWD/said" "$make" >bin/make
	chmod +x bin/*
	python3 "$EMU_ROOT/tests/tools/elsewhere/steps" "$1" "$EMU_ROOT" >steps
	(cd repository && PATH=$BATS_TEST_TMPDIR/bin:$PATH bash -euo pipefail ../steps 3>&-)
	[ "$(cat said)" = 'apt-get update
apt-get install -y make
make -C emu deps all
make -C emu install' ]
	jq -e '.status == 0 and .cause == "exit"' "repository/$2/record.json"
	grep 'tests="1" failures="0"' "repository/$2/junit.xml"
	grep -a '^ok 1 booted' "repository/$2/serial.log"
}

@test "the steps of GitHub's action boot a kernel and leave what it uploads" {
	need qemu-system-x86_64 python3
	boots github emu-results
	run -0 python3 -c 'import sys, yaml
for s in yaml.safe_load(open(sys.argv[1]))["runs"]["steps"]:
	if "uses" in s: print(s["if"], s["with"]["path"])' "$EMU_ROOT/share/ci/github/action.yml"
	[ "$output" = 'always() ${{ inputs.results }}' ]
}

@test "the steps of GitLab's template boot a kernel and leave what it keeps" {
	need qemu-system-x86_64 python3
	boots gitlab .
	run -0 python3 -c 'import sys, yaml
kept = yaml.safe_load(open(sys.argv[1]))["boot"]["artifacts"]
print(kept["when"], *kept["paths"], kept["reports"]["junit"])' "$EMU_ROOT/share/ci/gitlab/boot.yml"
	[ "$output" = 'always serial.log record.json junit.xml' ]
}

@test "README shows the steps and the uses of the templates as they are" {
	need python3
	cd "$EMU_ROOT"
	# Every command and key that README shows stands in a template, and the other way round.
	shown() { sed -n '/^share\/ci\/gitlab has/,/^`make deb`/s/^    //p' README.md | sed 's/^ *-* *//; /^$/d'; }
	while IFS= read -r line; do
		grep -qF -- "$line" share/ci/gitlab/boot.yml share/ci/github/workflow.yml || { echo "no template: $line"; false; }
	done < <(shown)
	while IFS= read -r line; do
		grep -qF -- "$line" <(shown) || { echo "not in README: $line"; false; }
	done < <(python3 tests/tools/elsewhere/steps gitlab . | grep -v bzImage$; grep -o 'uses: .*' share/ci/github/workflow.yml)
}
