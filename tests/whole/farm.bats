# What emu(7) says under "On a farm", of what no engine has to be there for; the
# engines are tried by make farm.
load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	need qemu-system-x86_64
	export TMPDIR=$BATS_TEST_TMPDIR/parent
	mkdir "$TMPDIR"
	demo=$EMU_BUILD/demo-x64
	# A machine that stays up, with its log and record.
	run="emu-run -k no -m 64 -t 60 -a echo -l log -o record $demo"
}

teardown() {
	[ -z "$(ls -A "$TMPDIR")" ] || { echo "left: $(ls -A "$TMPDIR")"; false; }
}

# started PID: waits until the machine below it says something.
started() {
	wait_until grep -aq arguments log
	kill -0 "$1"
}

# stopped: a record, which says that a signal did it, and nothing is left.
stopped() {
	wait_until test -s record
	[ "$(jq -r .cause record)" = signal ] || { cat record; false; }
	wait_until sh -c '[ -z "$(ls -A "$TMPDIR")" ]'
	rm -f log record
}

@test "farm: what ends the shell of an engine ends an emu-run that has replaced it" {
	sh -c "exec $run" </dev/null >/dev/null 2>&1 3>&- &
	started $!
	kill $!
	code=0
	wait $! || code=$?
	[ $code -eq 143 ]
	stopped
}

@test "farm: setpriv tells emu-run when its shell is gone, whatever that died of" {
	need setpriv
	for signal in TERM HUP KILL; do
		sh -c "setpriv --pdeathsig TERM $run; true" </dev/null >/dev/null 2>&1 3>&- &
		started $!
		kill -$signal $!
		wait $! || :
		stopped
	done
}

@test "farm: xargs that is ended takes its machines along, with setpriv" {
	need setpriv
	echo "$run" | xargs -P 2 setpriv --pdeathsig TERM >/dev/null 2>&1 3>&- &
	started $!
	kill $!
	wait $! || :
	stopped
}

@test "farm: a run in the background, whose shell was left, goes on" {
	mkfifo line
	exec 9<>line
	sh -c "nohup $run <line >/dev/null 2>&1 9>&- & echo \$! >pid" 3>&-
	read -r pid <pid
	started "$pid"
	echo 'is anybody there?' >&9
	wait_until grep -aq 'is anybody there' log
	kill "$pid"
	stopped
	exec 9>&-
}

@test "farm: an emulator that does not heed SIGTERM is killed in time for a record" {
	mkdir bin
	printf '#!/bin/sh\ncase "$*" in *help*) exit ;; esac\ntrap "" TERM\necho arguments\nwhile :; do sleep 1; done\n' \
		>bin/qemu-system-x86_64
	chmod +x bin/qemu-system-x86_64
	emu-doc -k no "$demo" | jq --arg bin "$PWD/bin" '.path = $bin' >doc.json
	emu-run -l log -o record doc.json </dev/null >/dev/null 2>&1 3>&- &
	started $!
	kill $!
	code=0
	wait $! || code=$?
	[ $code -eq 143 ]
	[ "$(jq -r '.signal' record)" = 9 ]
	stopped
}

@test "farm: a SIGKILL of everything leaves what emu-scratch true sweeps" {
	FARM_TAG=$BATS_TEST_TMPDIR sh -c "exec $run" </dev/null >/dev/null 2>&1 3>&- &
	started $!
	tagged() {
		grep -lzsF "FARM_TAG=$BATS_TEST_TMPDIR" /proc/[0-9]*/environ | tr -dc '0-9\n'
	}
	# None may see another die, as at the end of a cgroup.
	tagged | xargs kill -STOP
	tagged | xargs kill -KILL || : # one may be gone with another
	code=0
	wait $! || code=$?
	[ $code -eq 137 ]
	[ -n "$(ls -A "$TMPDIR")" ]
	[ ! -e record ]
	emu-scratch true
}

@test "farm: in a loop, a guest without </dev/null gets the rest of the list" {
	printf '%s\n' one two three >list
	run sh -c 'while read -r name; do
		EMU_NAME=$name timeout 60 emu-run -k no -m 64 -a poweroff -o $name.json "$1" </dev/null
		done <list' - "$demo"
	[ "$(jq -r '.name + " " + .cause' one.json two.json three.json)" = $'one exit\ntwo exit\nthree exit' ]
	rm ./*.json
	run sh -c 'while read -r name; do
		timeout 60 emu-run -k no -m 64 -a echo -t 2 -o $name.json "$1"
		done <list' - "$demo"
	[ "$(echo ./*.json)" = ./one.json ]
	[[ $output = *two*three* ]]
}
