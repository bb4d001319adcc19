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
	grep -aq '^[0-9][^ ]*-cloud-amd64' serial.log
	[[ $output = *'Power down'* ]]
}

@test "bisect: the first commit that does not come up is found" {
	need git make
	git init -q tree
	cd tree
	git config user.name n
	git config user.email e
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
		git add -A
		git commit -qm "$n"
	done
	READY=memory: INITRD='' run timeout 300 "$recipes/bisect" HEAD~6 HEAD
	echo "$output"
	# Between the skipped fourth and the fifth it cannot tell.
	git bisect log | grep -q 'skip'
	git bisect log | grep -qE "only skipped commits left|first '?bad'? commit"
	[ "$(git bisect log | grep -c '^# good: ')" -ge 1 ]
	git bisect log | grep -qE "^# (possible )?first '?bad'? commit: .* 5\$"
}

@test "from-state: many tests start behind one boot" {
	# tells N: the shell, asked for N + 1, answers.
	tells() {
		echo "echo 'echo n\$(($1 + 1))'; while read -r l; do case \$l in n$(($1 + 1))*) exit 0 ;; esac; done"
	}
	tests=()
	for ((i = 1; i <= ${EMU_TEST_SOAK:+97}+3; i++)); do
		tests+=("$(tells $i)")
	done
	run -1 --separate-stderr timeout 1000 "$recipes/from-state" bzImage initrd.gz "${tests[@]}" 'exit 3'
	[ "${lines[0]}" = "1..$((${#tests[@]} + 1))" ]
	[ "$(grep -c '^ok ' <<<"$output")" -eq ${#tests[@]} ]
	[ "${lines[-1]}" = "not ok $((${#tests[@]} + 1)) - exit 3" ]
	[ "$(jq -r .cause 0.json)" = exit ]
	# None of them has booted.
	run ! grep -a 'Linux version' [1-9]*.log
	grep -aq 'Power down' 1.log
}

@test "retry: again only after what was the host's fault" {
	cat >run <<-'X'
		#!/bin/sh
		echo >>tries
		n=$(wc -l <tries)
		set -- $(sed -n "${n}p" ends)
		[ "$1" = none ] || echo "{\"cause\": \"$1\", \"status\": $2}" >record
		exit "$2"
	X
	chmod +x run
	try() { # try STATUS TRIES END...: what each try ends by, and what comes of it
		local want=$1 tries=$2
		shift 2
		printf '%s\n' "$@" >ends
		rm -f tries
		run "$recipes/retry" record ./run
		[ "$status" -eq "$want" ] && [ "$(wc -l <tries)" -eq "$tries" ] ||
			{ echo "$*: $status, $(wc -l <tries) tries"; false; }
	}
	try 0 1 'exit 0'
	for end in 'panic 120' 'timeout 124' 'exit 3' 'reset 121' 'silence 122' 'signal 143' 'signal 130'; do
		try "${end#* }" 1 "$end" 'exit 0'
	done
	for end in 'error 125' 'start 126' 'prepare 125' 'signal 137' 'signal 139' 'none 1'; do
		try 0 2 "$end" 'exit 0'
		try 120 3 "$end" "$end" 'panic 120'
		try "${end#* }" 3 "$end" "$end" "$end" 'exit 0'
	done
}

@test "Makefile.matrix: kernels and configurations, each booted once" {
	need make
	mkdir kernels configs
	ln -s "$EMU_BUILD/demo-x64" kernels/demo
	echo '-a poweroff' >configs/off
	echo '-a panic' >configs/panic
	run make -s -j 2 -f "$recipes/Makefile.matrix"
	[ "$status" -eq 2 ]
	[ "$(jq -r '"\(.name) \(.cause)"' out/*.json)" = $'demo+off exit\ndemo+panic panic' ]
	[ -s out/demo+off.log ]
	grep -q '1 of 2 passed' out/index.html
	touch -d '1 minute' before
	touch out/*.json -d '1 hour'
	run make -s -f "$recipes/Makefile.matrix"
	[ "$status" -eq 2 ]
	[ -z "$(find out -name '*.json' ! -newer before)" ]
	make -s -f "$recipes/Makefile.matrix" again
	[ ! -e out/demo+panic.json ]
	echo '-a poweroff' >configs/panic
	run -0 make -s -f "$recipes/Makefile.matrix"
	grep -q '2 of 2 passed' out/index.html
}

@test "parallel: a file of boots, with a joblog and a tally" {
	need parallel
	printf '%s\n' "one -a poweroff $EMU_BUILD/demo-x64" "two -a panic $EMU_BUILD/demo-x64" \
		"three -a poweroff '$BATS_TEST_TMPDIR/no such'" >lines
	run -1 env JOBS=2 "$recipes/parallel" lines </dev/null
	[ "$(jq -r '"\(.name) \(.cause)"' out/one.json out/two.json)" = $'one exit\ntwo panic' ]
	grep -q '1 of 3 passed' out/index.html
	# What is the host's fault is tried again, which is no help here.
	[ "$(awk 'NR > 1 { print $7 }' out/joblog | sort -n | tr '\n' ' ')" = '0 0 1 ' ] ||
		{ cat out/joblog; false; }
}
