load ../lib

setup() {
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work"
	PATH=$EMU_BUILD/tests/common:$PATH
}

# poor VAR=VALUE... CMD...: CMD on a file system that can less (poor_fs.c).
poor() {
	env LD_PRELOAD="$EMU_BUILD/tests/common/poor_fs.so" \
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "$@"
}

# stranger CMD...: CMD as another user, who can reach this directory.
stranger() {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	need setpriv
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.."
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

@test "an output file has the whole content, and an old one keeps its mode and links" {
	(umask 027 && call output_file_write new one)
	[ "$(stat -c %a new)" = 640 ]
	chmod 604 new
	ln -s new link
	call output_file_write link two
	[ "$(cat new)" = two ]
	[ -L link ]
	[ "$(stat -c %a new)" = 604 ]
	chmod 4755 new
	call output_file_write new three
	[ "$(cat new)" = three ]
	[ "$(stat -c %a new)" = 755 ]
	[ "$(ls -A)" = $'link\nnew' ]
}

@test "an output file that cannot be made is told, and nothing is left" {
	run -1 call output_file_write no/where x
	[ "$output" = 'call: no/where: No such file or directory' ]
	mkdir directory
	run -1 call output_file_write directory x
	[ "$output" = 'call: directory: Is a directory' ]
	run -1 call output_file_write /dev/full x
	[ "$output" = 'call: /dev/full: No space left on device' ]
	call output_file_write /dev/null x
	[ -c /dev/null ]
	long=$(printf '%0256d' 0)
	run -1 call output_file_write "$long" x
	[ "$output" = "call: $long: File name too long" ]
	call output_file_write "${long#0}" x
	[ "$(ls -A)" = "${long#0}"$'\ndirectory' ]
}

@test "an old record that can be neither removed nor replaced is emptied" {
	for run in 'emu-spawn -n -o old true' 'emu-run -o old nokernel'; do
		echo old >old
		chown 65534 old
		run -125 stranger timeout 60 $run
		[ -e old ]
		[ ! -s old ]
	done
}

@test "a FIFO in the place of an output file is not waited for" {
	mkfifo fifo
	for how in output_file_write output_file_open; do
		run -1 timeout 20 call $how fifo x
		[ "$output" = 'call: fifo: No such device or address' ]
		[ -p fifo ]
	done
	for how in output_file_write output_file_open; do
		cat fifo >got 3>&- &
		wait_until call $how fifo x
		wait $!
		[ "$(cat got)" = x ]
	done
	run -0 bash -c 'call output_file_write /dev/fd/3 x 3>&1 | cat'
	[ "$output" = x ]
}

@test "an output file takes nothing over from somebody else's" {
	mkdir -m 777 shared
	for how in output_file_write output_file_open; do
		stranger bash -c 'umask 0; echo planted >shared/r; chmod 4777 shared/r'
		(umask 027 && call $how shared/r mine)
		[ "$(stat -c '%a %u' shared/r)" = '640 0' ]
		[ "$(cat shared/r)" = mine ]
		[ "$(ls -A shared)" = r ]
		rm shared/r
	done
}

@test "an output file is not written through somebody else's link" {
	mkdir -m 777 shared
	echo keep >mine
	for how in output_file_write output_file_open; do
		stranger ln -s "$PWD/mine" shared/r
		call $how shared/r new
		[ "$(cat mine)" = keep ]
		[ ! -L shared/r ]
		[ "$(cat shared/r)" = new ]
		rm shared/r
		# A link of our own is followed.
		echo old >target
		ln -s "$PWD/target" shared/r
		call $how shared/r new
		[ -L shared/r ]
		[ "$(cat target)" = new ]
		# Also to a file that does not exist yet, and not beyond somebody else's.
		rm target
		stranger ln -s "$PWD/mine" shared/theirs
		call $how shared/r new
		[ "$(cat target)" = new ]
		ln -sf theirs shared/r
		call $how shared/r new
		[ -L shared/r ]
		[ "$(cat mine)" = keep ]
		[ "$(stat -c '%F %u' shared/theirs)" = 'regular file 0' ]
		rm shared/r shared/theirs
	done
}

@test "a link that somebody else puts there meanwhile leads an output file nowhere" {
	mkdir -m 777 shared
	echo keep >mine
	cp "$EMU_BUILD/tests/common/call" .
	stranger true
	setpriv --reuid 65534 --regid 65534 --clear-groups timeout 120 ./call swap shared/r "$PWD/mine" 3>&- &
	swapper=$!
	wait_until test -e shared/r
	for how in output_file_write output_file_open; do
		for ((i = 0; i < 100; i++)); do
			call $how shared/r new || :
			[ "$(cat mine)" = keep ]
		done
	done
	# It swapped to the end.
	kill $swapper
}

@test "an output file of an own link that leads round is an error" {
	ln -s a b
	ln -s b a
	for how in output_file_write output_file_open; do
		run -1 call $how a x
		[ "$output" = 'call: a: Too many levels of symbolic links' ]
	done
	exec 4>gone
	rm gone
	run -1 call output_file_write /dev/fd/4 x
	[ "$output" = 'call: /dev/fd/4: No such file or directory' ]
	exec 4>&-
	[ "$(ls -A)" = $'a\nb' ]
}

@test "a temporary name that somebody else has taken is no obstacle" {
	mkdir -m 777 shared
	stranger mkdir -p shared/.r.emu/x
	for poor in A NO_TMPFILE; do
		poor $poor=1 call output_file_write shared/r $poor
		[ "$(cat shared/r)" = $poor ]
		[ "$(ls -A shared)" = $'.r.emu\nr' ]
	done
}

@test "SIGKILL leaves nothing of an output file, or what the next writer removes" {
	echo old >r
	poor KILL_AT=fsync call output_file_write r new || [ $? = 137 ]
	[ "$(ls -A)" = r ]
	poor KILL_AT=rename call output_file_write r new || [ $? = 137 ]
	[ "$(ls -A)" = $'.r.emu\nr' ]
	[ "$(cat r)" = old ]
	call output_file_write r new
	[ "$(ls -A)" = r ]
	[ "$(cat r)" = new ]
	poor NO_TMPFILE=1 KILL_AT=fsync call output_file_write r newer || [ $? = 137 ]
	[ "$(ls -A)" = $'.r.emu\nr' ]
	[ "$(cat r)" = new ]
	poor NO_TMPFILE=1 call output_file_write r newer
	[ "$(ls -A)" = r ]
	[ "$(cat r)" = newer ]
}

@test "SIGKILL at any time leaves the old file or the new one, and nothing beside" {
	call output_file_write r old
	seen=0
	for ((i = 0; i < 10 * EMU_TEST_N; i++)); do
		call output_file_write r "new$i" 3>&- &
		read -r -t "0.00$((RANDOM % 4))" _ <> <(:) || :
		kill -KILL $! 2>/dev/null || :
		wait $! || :
		[[ "$(cat r)" =~ ^(old|new[0-9]+)$ ]]
		left=$(ls -A)
		[ "$left" = r ] || seen=$((seen + 1))
	done
	# The instant between linkat and rename can be met, rarely.
	[ $seen -le $EMU_TEST_N ]
	call output_file_write r last
	[ "$(ls -A)" = r ]
}

@test "many writers of one output file leave one whole content" {
	for poor in A NO_TMPFILE; do
		pids=()
		for i in {1..20}; do
			poor $poor=1 call output_file_write r "content $i" 3>&- &
			pids+=($!)
		done
		for pid in "${pids[@]}"; do
			wait "$pid"
		done
		[[ "$(cat r)" =~ ^content\ [0-9]+$ ]]
		[ "$(ls -A)" = r ]
	done
}

@test "a temporary file that is being written is not taken for a leftover" {
	mkfifo hold
	poor NO_TMPFILE=1 call whole_file_hold r <hold >out 3>&- &
	exec 5>hold
	wait_until test -s out
	[ "$(ls -A)" = $'.r.emu\nhold\nout' ]
	poor NO_TMPFILE=1 call output_file_write r new
	[ "$(ls -A)" = $'.r.emu\nhold\nout\nr' ]
	exec 5>&-
	wait $!
	[ "$(ls -A)" = $'hold\nout\nr' ]
}

@test "a new file does not take a name that is taken" {
	for poor in A=1 NO_TMPFILE=1 'NO_TMPFILE=1 NO_FLAGS=1'; do
		# shellcheck disable=SC2086 # words
		poor $poor call whole_file_create f one
		# shellcheck disable=SC2086 # words
		run -1 poor $poor call whole_file_create f two
		[ "$output" = 'call: f: File exists' ]
		[ "$(cat f)" = one ]
		[ "$(ls -A)" = f ]
		rm f
	done
}
