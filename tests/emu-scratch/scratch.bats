# shellcheck disable=SC2016 # what is in single quotes is for an inner shell
load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir parent
	export TMPDIR=$BATS_TEST_TMPDIR/parent
}

# Nothing of a run is left: no directory, and none of the processes whose ids
# the command wrote into files called *.pid.
nothing_left() {
	[ -z "$(ls -A parent)" ] || return 1
	local f
	for f in *.pid; do
		[ ! -s "$f" ] || gone "$(cat "$f")" || return 1
	done
}

# What names of directories call this host.
host() {
	basename "$(emu-scratch printenv EMU_SCRATCH)" | cut -d - -f 3
}

end() { # end SIGNAL TO CMD...
	run --separate-stderr timeout 60 python3 "$EMU_ROOT/tests/emu-scratch/end.py" "$@" 3>&-
}

@test "scratch gives the command a directory of its own, mode 0700" {
	chmod 2777 parent
	run emu-scratch sh -c 'umask; echo "$EMU_SCRATCH"; stat -c %a "$EMU_SCRATCH"; ls -A "$EMU_SCRATCH"'
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "$(umask)" ]
	[[ ${lines[1]} =~ ^"$TMPDIR"/emu-scratch-[0-9a-f]{8}-[0-9a-f]{12}$ ]]
	[ "${lines[2]}" = 700 ]
	[ "${#lines[@]}" -eq 3 ]
	nothing_left
}

@test "scratch makes the directory usable under any umask" {
	umask 0777
	run emu-scratch sh -c 'stat -c %a "$EMU_SCRATCH"; umask'
	umask 0022
	[ "$output" = $'700\n0777' ]
}

@test "scratch takes its parent from -d, TMPDIR, or /var/tmp" {
	mkdir other
	run emu-scratch -d other printenv EMU_SCRATCH
	[[ $output == "$BATS_TEST_TMPDIR"/other/emu-scratch-* ]]
	run emu-scratch -d ./other/ printenv EMU_SCRATCH
	[[ $output == "$BATS_TEST_TMPDIR"/other/emu-scratch-* ]]
	TMPDIR='' run emu-scratch printenv EMU_SCRATCH
	[[ $output == /var/tmp/emu-scratch-* ]]
	unset TMPDIR
	run emu-scratch printenv EMU_SCRATCH
	[[ $output == /var/tmp/emu-scratch-* ]]
	[ ! -e "$output" ]
}

@test "scratch returns the command's status" {
	for n in 0 1 7 124 255; do
		run emu-scratch sh -c "exit $n"
		[ "$status" -eq "$n" ]
		[ -z "$output" ]
	done
	run emu-scratch sh -c 'kill -TERM $$'
	[ "$status" -eq 143 ]
	run emu-scratch sh -c 'kill -KILL $$'
	[ "$status" -eq 137 ]
	nothing_left
}

@test "scratch refuses what it cannot run, naming it" {
	expect_error 127 "emu-scratch: ./absent: No such file or directory" emu-scratch ./absent
	expect_error 127 "emu-scratch: emu-absent: No such file or directory" emu-scratch emu-absent
	touch plain
	expect_error 126 "emu-scratch: ./plain: Permission denied" emu-scratch ./plain
	expect_error 126 "emu-scratch: $PWD: Permission denied" emu-scratch "$PWD"
	nothing_left
}

@test "scratch refuses a parent that it cannot use, naming it" {
	touch plain
	expect_error 125 "emu-scratch: absent: No such file or directory" emu-scratch -d absent true
	expect_error 125 "emu-scratch: plain: Not a directory" emu-scratch -d plain true
	TMPDIR=$PWD/absent expect_error 125 "emu-scratch: $PWD/absent: No such file or directory" emu-scratch true
	expect_error 125 "emu-scratch: /proc: No such file or directory" emu-scratch -d /proc true
}

@test "scratch tells how it is used" {
	usage='usage: emu-scratch [-k] [-d parent] [--] cmd [arg ...]'
	expect_error 125 $'emu-scratch: no command\n'"$usage" emu-scratch
	expect_error 125 $'emu-scratch: no command\n'"$usage" emu-scratch -k --
	expect_error 125 "emu-scratch: -x: unknown option"$'\n'"$usage" emu-scratch -x true
	expect_error 125 "emu-scratch: -d: an argument is missing"$'\n'"$usage" emu-scratch -d
	run emu-scratch -V
	[ "$output" = "emu-scratch 0.1" ]
	run emu-scratch -- printf '%s,' -k -d
	[ "$output" = "-k,-d," ]
}

@test "scratch -V on a full disk fails" {
	run sh -c 'emu-scratch -V 2>&1 >/dev/full'
	[ "$status" -eq 125 ]
	[ "$output" = "emu-scratch: <stdout>: No space left on device" ]
}

@test "scratch leaves the command's descriptors alone" {
	run sh -c 'echo in | emu-scratch cat'
	[ "$output" = in ]
	# A closed stdout stays closed, so that the command sees it.
	run sh -c 'emu-scratch sh -c "echo x" >&- 2>err'
	[ "$status" -ne 0 ]
	run sh -c 'exec 7>seven; emu-scratch sh -c "echo x >&7"'
	[ "$(cat seven)" = x ]
	ls /proc/self/fd >before
	emu-scratch ls /proc/self/fd >inside
	diff before inside
}

@test "scratch keeps no pipe open that the command closes" {
	mkfifo fifo
	(emu-scratch sh -c 'exec >&- 5>&-; touch closed; for _ in $(seq 1000); do [ ! -e seen ] || exit 0; sleep 0.02; done; exit 1' >fifo 5>&1 3>&-; echo $? >status) 3>&- &
	timeout 20 cat fifo
	wait_until test -e closed
	touch seen
	wait_until test -s status
	[ "$(cat status)" = 0 ]
}

@test "scratch removes whatever is in the directory, following nothing" {
	mkdir away
	echo precious >away/file
	run emu-scratch sh -c '
		cd "$EMU_SCRATCH"
		ln -s ../../away link; ln -s /nowhere dangling; ln -s . loop
		ln ../../away/file hard
		mkfifo fifo; : >"$(printf "new\nline")"; : >"-rf"; mkdir .emu-moved-0
		mkdir full; : >full/.hidden; chmod 0 full
		mkdir -p a/b/c; chmod 0500 a/b; chmod 0 a
		python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\"sock\")"
		chmod 0 .'
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	nothing_left
	[ "$(cat away/file)" = precious ]
}

@test "scratch removes what an ordinary user made unreadable" {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	chmod 777 parent
	chmod a+x . .. "$BATS_RUN_TMPDIR"
	cp "$EMU_BUILD/emu-scratch" .
	run setpriv --reuid 65534 --regid 65534 --clear-groups ./emu-scratch sh -c '
		id -u; cd "$EMU_SCRATCH"; mkdir -p a/b/c d; : >a/b/c/f; : >d/f
		chmod 0 a/b/c; chmod 0444 a/b; chmod 0 a; chmod 0111 d; chmod 0 .'
	[ "$status" -eq 0 ]
	[ "$output" = 65534 ]
	nothing_left
}

@test "scratch removes a tree deeper than it may open files, and than fts(3) goes" {
	ulimit -n 64
	run emu-scratch python3 -c '
import os
os.chdir(os.environ["EMU_SCRATCH"])
os.mkdir("deep-0")
for i in range(400):
    os.mkdir("d"); open("f", "w").close(); os.chdir("d")
for i in range(300):
    os.mkdir("d" * 250); os.chdir("d" * 250)'
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	nothing_left
}

@test "scratch removes thousands of files" {
	run emu-scratch python3 -c '
import os
os.chdir(os.environ["EMU_SCRATCH"])
for i in range(3000):
    open(str(i), "w").close()'
	[ "$status" -eq 0 ]
	nothing_left
}

@test "scratch does not mind a directory that is gone, and leaves a moved one" {
	emu-scratch sh -c 'rm -r "$EMU_SCRATCH"'
	nothing_left
	emu-scratch sh -c 'echo x >"$EMU_SCRATCH/result"; mv "$EMU_SCRATCH" results'
	nothing_left
	[ "$(cat results/result)" = x ]
}

# can_mount: skips the test where it cannot have mounts of its own: for a user, and
# in a chroot whose / is no mount point.
can_mount() {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	unshare -m --propagation private true || skip "/ is no mount point"
}

@test "scratch deletes nothing that is mounted inside, and says so" {
	can_mount
	mkdir away
	echo precious >away/file
	run unshare -m --propagation private sh -c '
		emu-scratch sh -c "cd \$EMU_SCRATCH && mkdir bind other && mount --bind ../../away bind && : >other/f"
		echo $?; cat parent/*/bind/file; ls parent/*; umount parent/*/bind; emu-scratch true; ls parent'
	[[ ${lines[0]} =~ ^emu-scratch:\ "$TMPDIR"/emu-scratch-[0-9a-f-]*/bind:\ something\ is\ mounted\ here:\ left\ as\ it\ is$ ]]
	[ "${lines[1]}" = 125 ]
	[ "${lines[2]}" = precious ]
	[ "${lines[3]}" = bind ]
	[ "${#lines[@]}" -eq 4 ]
	[ "$(cat away/file)" = precious ]
	nothing_left
}

@test "scratch says so when something is mounted on the directory itself" {
	can_mount
	mkdir away
	cat >try <<-'EOF'
		emu-scratch sh -c "mount --bind away \$EMU_SCRATCH; $1"
		echo $?
		emu-scratch true
		cat away/file
		umount parent/*
		emu-scratch true
		ls parent
	EOF
	for how in true 'kill -KILL $PPID; sleep 100' 'kill -STOP $PPID $(cut -d" " -f4 /proc/$PPID/stat); kill -KILL $PPID $(cut -d" " -f4 /proc/$PPID/stat); sleep 100'; do
		echo precious >away/file
		run --separate-stderr unshare -m --propagation private sh try "$how" 3>&-
		[ "${lines[-1]}" = precious ]
		[ "${#lines[@]}" -eq 2 ]
		[ "${lines[0]}" != 0 ]
		[[ ${lines[0]} == 137 && $how == *STOP* ]] ||
			[[ ${stderr_lines[-1]} =~ ^emu-scratch:\ "$TMPDIR"/emu-scratch-[0-9a-f-]*:\ something\ is\ mounted\ here:\ left\ as\ it\ is$ ]]
	done
}

@test "scratch reports what it cannot remove, and removes the rest" {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	touch probe
	chattr +i probe 2>/dev/null || skip "no chattr +i here"
	chattr -i probe
	run emu-scratch sh -c 'cd "$EMU_SCRATCH"; mkdir a b; : >a/stuck; : >a/f; : >b/f; chattr +i a/stuck'
	local left=(parent/*)
	[ "$(find parent -type f)" = "${left[0]}/a/stuck" ]
	chattr -i "${left[0]}/a/stuck"
	[ "$status" -eq 125 ]
	[ "$output" = "emu-scratch: $PWD/${left[0]}/a/stuck: Operation not permitted" ]
	emu-scratch true
	nothing_left
}

@test "scratch -k keeps the directory, says where, and later runs leave it" {
	run emu-scratch -k sh -c 'echo x >"$EMU_SCRATCH/file"; exit 3'
	[ "$status" -eq 3 ]
	[[ $output =~ ^emu-scratch:\ kept\ ("$TMPDIR"/emu-kept-[0-9a-f]{8}-[0-9a-f]{12})$ ]]
	[ "$(cat "${BASH_REMATCH[1]}/file")" = x ]
	emu-scratch true
	[ "$(cat "${BASH_REMATCH[1]}/file")" = x ]
}

@test "scratch ends what the command leaves running" {
	run timeout 30 emu-scratch sh -c '
		cd "$EMU_SCRATCH"
		sleep 100 & echo $! >../../plain.pid
		setsid sh -c "echo \$\$ >../../session.pid; exec sleep 100" &
		(setsid sh -c "(echo 1; sleep 100) & echo \$! >../../twice.pid" &)
		(sh -c "echo \$\$ >../../stopped.pid; kill -STOP \$\$; sleep 100" &)
		while [ ! -s ../../twice.pid ] || [ ! -s ../../session.pid ] || [ ! -s ../../stopped.pid ]; do sleep 0.02; done' 3>&-
	[ "$status" -eq 0 ]
	nothing_left
}

@test "scratch gives what is left time to write, and kills what does not end" {
	run timeout 30 emu-scratch sh -c '
		(trap "sleep 0.3; echo written >record; exit" TERM; echo >armed; while :; do sleep 0.02; done) &
		while [ ! -e armed ]; do sleep 0.02; done' 3>&-
	[ "$status" -eq 0 ]
	[ "$(cat record)" = written ]
	run timeout 30 emu-scratch sh -c '
		(trap "" TERM; sh -c "echo \$\$" >deaf.pid; sh -c "echo \$\$ >deaf.pid; exec sleep 100") &
		while [ ! -s deaf.pid ]; do sleep 0.02; done' 3>&-
	[ "$status" -eq 0 ]
	nothing_left
}

@test "scratch catches processes that fork faster than they die" {
	for _ in $(seq "$EMU_TEST_N"); do
		# Killed, so that SIGKILL comes soon: storm is deaf to SIGTERM.
		run timeout 30 emu-scratch sh -c '"$EMU_BUILD/tests/storm" 4; kill -9 $$' 3>&-
		[ "$status" -eq 137 ]
		[ -z "$output" ]
	done
	nothing_left
}

@test "scratch leaves alone the children that it did not start" {
	# The keeper's death makes the front look at all its children.
	cat >script <<-'EOF'
		sleep 100 >/dev/null 2>&1 &
		echo $! >mine
		exec emu-scratch sh -c 'echo $PPID >keeper; : >ready; exec sleep 100'
	EOF
	end KILL keeper sh script
	[ "$output" = "exit 137" ]
	run ! gone "$(cat mine)"
	kill "$(cat mine)"
	nothing_left
}

@test "scratch dies of SIGINT, after cleaning up" {
	end INT front emu-scratch sh -c 'echo $$ >sh.pid; : >ready; exec sleep 100'
	[ "$output" = "signal 2" ]
	nothing_left
	end INT group emu-scratch sh -c 'trap "exit 3" INT; : >ready; while :; do sleep 0.02; done'
	[ "$output" = "signal 2" ]
	nothing_left
}

@test "scratch sent a signal sends it on and returns 128 plus its number" {
	for s in HUP QUIT TERM PIPE; do
		rm -f ready got
		end "$s" front emu-scratch sh -c "trap 'echo $s >>got; exit 3' $s"'; echo $$ >sh.pid; : >ready; while :; do sleep 0.02; done'
		[ "$output" = "exit $((128 + $(kill -l "$s")))" ]
		[ "$(cat got)" = "$s" ]
		nothing_left
	done
}

@test "scratch sends a signal also to what a shell waits for, once" {
	for s in HUP INT QUIT TERM; do
		rm -f ready got
		end "$s" front emu-scratch dash -c '
			(trap "" TERM; trap "echo $0 >>got; sleep 0.1; exit" $0; : >ready; while :; do sleep 0.02; done)
			exit 4' "$s"
		[ "$(cat got)" = "$s" ] || { echo "$s: $(cat got)"; false; }
		nothing_left
	done
}

@test "scratch ignores what it was told to ignore" {
	run timeout 20 sh -c 'trap "" HUP; exec emu-scratch sh -c "kill -HUP \$PPID; kill -HUP \$\$; sleep 0.1; exit 4"'
	[ "$status" -eq 4 ]
}

@test "scratch's command ignores and blocks the signals that its caller does" {
	bare=$(env --ignore-signal=PIPE --ignore-signal=XFSZ --block-signal=USR1 grep -E '^Sig(Ign|Blk)' /proc/self/status)
	run env --ignore-signal=PIPE --ignore-signal=XFSZ --block-signal=USR1 emu-scratch grep -E '^Sig(Ign|Blk)' /proc/self/status
	[ "$output" = "$bare" ]
}

@test "scratch under SIGKILL of the front leaves nothing" {
	end KILL front emu-scratch sh -c 'echo $$ >sh.pid; setsid sleep 100 & echo $! >bg.pid; : >"$EMU_SCRATCH/f"; : >ready; wait'
	[ "$output" = "signal 9" ]
	wait_until nothing_left
}

@test "scratch under SIGKILL of the keeper leaves nothing" {
	end KILL keeper emu-scratch sh -c 'echo $$ >sh.pid; setsid sleep 100 & echo $! >bg.pid; : >"$EMU_SCRATCH/f"; echo $PPID >keeper; : >ready; wait'
	[ "$output" = "exit 137" ]
	[ "$stderr" = "emu-scratch: process $(cat keeper), which watched over sh, was killed (Killed)" ]
	nothing_left
}

@test "scratch under SIGKILL of the command leaves nothing" {
	end KILL sh.pid emu-scratch sh -c 'echo $$ >sh.pid; setsid sleep 100 & echo $! >bg.pid; : >ready; wait'
	[ "$output" = "exit 137" ]
	[ -z "$stderr" ]
	nothing_left
}

@test "scratch under SIGKILL of the process group leaves nothing" {
	end KILL group emu-scratch sh -c 'echo $$ >sh.pid; setsid sleep 100 & echo $! >bg.pid; : >ready; wait'
	[ "$output" = "signal 9" ]
	wait_until nothing_left
}

@test "scratch sweeps what killed runs left, once, and nothing else" {
	host=$(host)
	mkdir -p away
	for dead in parent/emu-{scratch,spawn}-"$host"-0123456789ab; do
		mkdir -p "$dead"/sub "$dead"aB "${dead%0123456789ab}"0123 "$dead"c
		: >"$dead"/sub/file
	done
	mkdir parent/emu-{kept,argv}-"$host"-0123456789ab
	# Another host's, or another container's.
	mkdir parent/emu-scratch-"$(printf %08x $((0x$host ^ 1)))"-0123456789ab parent/emu-scratch-0123456789ab
	: >away/file
	ln -s ../away parent/emu-scratch-"$host"-aaaaaaaaaaaa
	: >parent/emu-scratch-"$host"-bbbbbbbbbbbb
	mkdir parent/emu-scratch-"$host"-cccccccccccc
	[ "$(id -u)" -ne 0 ] || {
		mkdir parent/emu-scratch-"$host"-dddddddddddd
		chown 65534 parent/emu-scratch-"$host"-dddddddddddd
	}
	ls parent >before
	# Anybody could have given another directory the name.
	chmod 777 parent
	emu-scratch true
	diff before <(ls parent)
	chmod 1777 parent
	run flock parent/emu-scratch-"$host"-cccccccccccc emu-scratch true
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	diff <(grep -vE -- "emu-(scratch|spawn)-$host-0123456789ab\$" before) <(ls parent)
	[ -e away/file ]
}

# stopped_sweep CALL CMD...: runs CMD; what sweeps does not get beyond its first CALL.
stopped_sweep() {
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # which traces too
	run timeout 60 strace -f -qqq -o /dev/null -e trace="${1%:*}" -e inject="$1":signal=STOP "${@:2}" 3>&-
	[ "$status" -eq 0 ]
}

@test "scratch's command does not wait for the sweep, and its end not long" {
	dead=parent/emu-spawn-$(host)
	mkdir "$dead"-00000000000{1..9}
	# The first is looked for a socket, and never removed.
	stopped_sweep readlinkat emu-scratch test -d "$dead-000000000001"
	[ "$(ls parent | wc -l)" -eq 9 ] || { ls -l parent; false; }
	emu-scratch true
	nothing_left
}

@test "scratch's sweep has removed some before it looks for the rest" {
	seq -f "parent/emu-scratch-$(host)-%012.0f" 200 | xargs mkdir
	# With the directory of the run itself.
	stopped_sweep openat:when=2 -P /proc emu-scratch sh -c 'while [ "$(ls parent | wc -l)" -gt 137 ]; do sleep 0.02; done'
	[ "$(ls parent | wc -l)" -eq 136 ]
	emu-scratch true
	nothing_left
}

@test "scratch sweeps more leftovers than it may open files" {
	host=$(host)
	seq -f "parent/emu-scratch-$host-%012.0f" 200 | xargs mkdir
	sh -c 'ulimit -n 100; exec emu-scratch true'
	nothing_left
}

@test "scratch looks through /proc once for all leftovers" {
	need strace
	export ASAN_OPTIONS=detect_leaks=0 # which traces too
	seq -f "parent/emu-scratch-$(host)-%012.0f" 50 | xargs mkdir
	run timeout 60 strace -f -qqq -o trace -e trace=openat emu-scratch true
	[ "$status" -eq 0 ]
	[ "$(grep -c '"/proc", ' trace)" -eq 1 ]
	# And at each process, as this one.
	[ "$(grep -c "\"/proc/$$/environ\"" trace)" -eq 1 ]
	nothing_left
}

@test "scratch leaves alone what another host runs in a directory that both have mounted" {
	can_mount
	need sshfs setpriv
	[ -e /dev/fuse ] || skip "no /dev/fuse"
	mkdir shared a b
	# Two clients, each with locks of its own, as two hosts have them.
	printf '#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n' >server
	chmod +x server
	cat >try <<-'EOF'
		for host in a b; do
			setpriv --pdeathsig KILL sshfs -f -o "ssh_command=$PWD/server" "host:$PWD/shared" $host &
			until mountpoint -q $host; do sleep 0.02; done
		done
		# And what b left itself goes.
		TMPDIR=b emu-scratch printenv EMU_SCRATCH >name
		TMPDIR=a emu-scratch sh -c ': >"$EMU_SCRATCH/file"
			mkdir "$(cat name)"
			env -u EMU_SCRATCH TMPDIR=b emu-scratch true
			ls -d "$(cat name)" 2>/dev/null
			ls "$EMU_SCRATCH"'
		ls shared
		umount a b
	EOF
	run timeout 60 unshare -m --propagation private sh try 3>&-
	[ "$output" = file ] || { echo "$output"; false; }
}

@test "scratch runs do not sweep each other" {
	for _ in $(seq "$EMU_TEST_N"); do
		seq 8 | timeout 60 xargs -P 8 -I{} emu-scratch sh -c ': >"$EMU_SCRATCH/f"; emu-scratch true; [ -e "$EMU_SCRATCH/f" ]' 3>&-
	done
	nothing_left
}

@test "scratch inside scratch is taken away with it" {
	end TERM front emu-scratch emu-scratch sh -c 'echo $$ >sh.pid; : >ready; exec sleep 100'
	[ "$output" = "exit 143" ]
	nothing_left
}

terminal() { # terminal KEYS CMD...
	run --separate-stderr timeout 60 python3 "$EMU_ROOT/tests/emu-scratch/terminal.py" "$@" 3>&-
}

@test "scratch's command reads the terminal" {
	terminal 'hello\n' emu-scratch sh -c 'stty -echo; echo ready; read -r x; echo "got $x"; exit 3'
	[ "$output" = $'ready\ngot hello\nexit 3' ]
	nothing_left
}

@test "scratch's command gets ^C once, and scratch dies of it" {
	terminal '\003' emu-scratch bash -c 'stty -echo; n=0; trap "n=\$((n + 1))" INT
		echo ready; for _ in $(seq 10); do sleep 0.05; done; echo "$n times"; exit 3'
	[ "$output" = $'ready\n^C1 times\nsignal 2' ] || [ "$output" = $'ready\n1 times\nsignal 2' ]
	nothing_left
	terminal '\003' emu-scratch sh -c 'stty -echo -echoctl; echo ready; exec sleep 100'
	[ "$output" = $'ready\nsignal 2' ]
	nothing_left
}

@test "scratch leaves ^\\ to the command" {
	terminal '\034' emu-scratch sh -c 'stty -echo; trap "echo quit; exit 4" QUIT; echo ready; while :; do sleep 0.02; done'
	[[ $output == *quit* ]]
	[ "${lines[-1]}" = "exit 4" ]
	nothing_left
}

@test "scratch goes on after ^Z where nobody could continue it" {
	terminal '\032' emu-scratch sh -c 'stty -echo; echo ready; for _ in $(seq 10); do sleep 0.05; done; echo done'
	[[ $output == *done$'\n'"exit 0" ]] || { printf '%q\n' "$output" "$stderr"; false; }
	# Also with a shell in between that knows no job control.
	terminal '\032' sh -c 'emu-scratch sh -c "stty -echo; echo ready; sleep 0.5; echo done"; exit'
	[[ $output == *done$'\n'"exit 0" ]]
	nothing_left
}

@test "scratch stops with its command on ^Z where a shell waits for it" {
	terminal '\032' bash -m -c 'emu-scratch sh -c "stty -echo; echo ready; sleep 0.5; echo done"
		jobs -s | grep -c emu-scratch; fg >/dev/null'
	[[ $output == *$'\n1\n'*done$'\n'"exit 0" ]]
	nothing_left
}

@test "scratch reports from the background of a terminal that forbids it" {
	terminal '' emu-scratch -k sh -c 'stty tostop -echo; exit 0'
	[[ ${lines[0]} == "emu-scratch: kept "* ]]
	[ "${lines[-1]}" = "exit 0" ]
}

@test "scratch killed whole is cleaned up by the next run" {
	emu-scratch sh -c '
		setsid sh -c "trap \"\" TERM; echo \$\$ >bg.pid; while :; do sleep 0.02; done" &
		while [ ! -s bg.pid ]; do sleep 0.02; done
		: >"$EMU_SCRATCH/file"; echo $$ >sh.pid
		front=$(cut -d" " -f4 /proc/$PPID/stat)
		kill -STOP $PPID $front; kill -KILL $PPID $front
		exec sleep 100' >/dev/null 2>&1 3>&- 4>&- && false
	[ $? -eq 137 ]
	run ! gone "$(cat bg.pid)"
	run ! gone "$(cat sh.pid)"
	[ "$(find parent -name file | wc -l)" -eq 1 ]
	emu-scratch true
	nothing_left
}
