load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	need qemu-system-x86_64
	"$EMU_ROOT/tests/whole/kernels/fetch"
	kernels=$EMU_BUILD/kernels
	recipes=$EMU_ROOT/share/recipes
	ln -s "$kernels/vmlinuz-amd64" bzImage
	ln -s "$kernels/initrd-amd64.gz" initrd.gz
}

@test "Makefile.kernel: a kernel that comes up is a success, one that does not is none" {
	need make
	run -0 make -f "$recipes/Makefile.kernel" KERNEL=bzImage READY='built-in shell' TIME=1m check
	[[ $output = *'Linux version'* ]]
	[ "$(jq -r .cause record.json)" = reader ]
	run -2 make -f "$recipes/Makefile.kernel" KERNEL="$EMU_BUILD/demo-x64" INITRD= check
}

@test "talk: chat(8) holds the conversation, the log keeps it" {
	need chat
	run -0 timeout 120 "$recipes/talk" bzImage initrd.gz
	grep -aq '^6\.[0-9.-]*-cloud-amd64' serial.log
	[[ $output = *'Power down'* ]]
}

@test "bisect: the first commit that does not come up is found" {
	need git make
	git init -q tree && cd tree
	git config user.name n && git config user.email e
	ln -s ../initrd.gz initrd.gz
	printf 'bzImage:\n\tmkdir -p arch/x86/boot\n\tsh build >arch/x86/boot/bzImage\n' >Makefile
	for n in 1 2 3 4 5 6 7; do
		# The fourth does not build, from the fifth on it says nothing.
		case $n in
		[123]) echo "cat $EMU_BUILD/demo-x64" ;;
		4) echo false ;;
		*) echo "sed s/memory:/nothing/ $EMU_BUILD/demo-x64" ;;
		esac >build
		echo $n >number
		git add -A && git commit -qm "$n"
	done
	READY=memory: INITRD='' run timeout 300 "$recipes/bisect" HEAD~6 HEAD
	echo "$output"
	# Between the skipped fourth and the fifth it cannot tell.
	git bisect log | grep -q 'skip'
	git bisect log | grep -qE 'only skipped commits left|first bad commit'
	[ "$(git bisect log | grep -c '^# good: ')" -ge 1 ]
	git bisect log | grep -qE '^# (possible )?first bad commit: .* 5$'
}

@test "completion offers the letters of a command" {
	run -0 bash -c '. "$1"; COMP_WORDS=(emu-argv -) COMP_CWORD=1; _emu emu-argv; echo "${COMPREPLY[*]}"' - \
		"$EMU_ROOT/share/completions/emu.bash"
	for l in e m N p s j V; do
		[[ " $output " = *" -$l "* ]] || { echo "no -$l in: $output"; false; }
	done
}
