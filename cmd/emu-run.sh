#!/bin/sh
# emu-run: boots files or a configuration. It is the whole pipeline as one script,
# which is meant to be read.
# shellcheck disable=SC2119,SC2120,SC2317 # traps and aside call functions, which set "$@"
set -u

synopsis='usage: emu-run [-u] [-A target] [-a arg]... [-B dir]... [-c cpus] [-D core]
               [-e word]... [-F driver] [-f rule]... [-i input] [-K modules]
               [-k yes|no|auto] [-l log] [-m MiB] [-n name] [-o record]
               [-P picture] [-q time] [-R root] [-S socket] [-s dir]... [-t time]
               [-W text] [-w filter]... [-X command] [-x archive] [-Z state]
               [-z state] file ... [-- cmd [arg ...]]'

help() {
	cat <<EOT
$synopsis

  -A target   what the machine is: x64, arm64, riscv64 ...
  -a arg      a kernel argument
  -B dir      let the command write to this directory of the host
  -c cpus     the number of processors
  -D core     write a failed machine's memory to this file
  -e word     a word for the emulator
  -F driver   how the command's root is read: 9p (default), virtiofs
  -f rule     forward a port: [udp:][address:]host:guest
  -i input    the guest's input (default: standard input)
  -K modules  the kernel's modules for the command: lib/modules/VERSION
  -k yes|no|auto  use KVM (default: auto)
  -l log      write the serial line to this file as well
  -m MiB      the memory
  -n name     the virtual device of a product bundle
  -o record   write the record of the run to this file, as JSON
  -P picture  write a failed machine's screen to this file
  -q time     end the run after this time without output
  -R root     the root directory of the command (default: /)
  -S socket   let other programs use the serial line through this socket
  -s dir      share a directory: [tag=]dir
  -t time     end the run after this time
  -u          let the guest write to the named disk images
  -W text     hold the input until the guest has written this text
  -w filter   send the serial line through this command
  -X command  run a command whose input and output are the serial line
  -x archive  extract the images from this archive (-: standard input)
  -Z state    save the machine here after -X or -W, and end
  -z state    continue from a saved machine
  -h          print this help
  -V          print the version
EOT
}

# tell: writes its input to stderr, unless nobody takes it within a second.
tell() {
	timeout 1 cat >&2
}

say() {
	printf 'emu-run: %s\n' "$*" | tell
}

# The commands in this script's directory come first in PATH. Everything runs in a
# private directory that emu-scratch removes. Inside another emu-scratch, that directory
# is within its directory, whose serial.sock becomes the machine's, for emu-env.
case $0 in
*/*) PATH=${0%/*}:$PATH ;;
esac
start='' record='' newline='
'

now() {
	date -u +%Y-%m-%dT%H:%M:%SZ
}

# is_own FILE: whether the file, or the symbolic link, is the caller's or root's.
is_own() {
	case $(stat -c %u -- "$1" 2>/dev/null) in 0 | "$(id -u)") ;; *) false ;; esac
}

# resolve FILE: sets $file to the path behind the symbolic links. Only the links of the
# caller and of root are followed, as emu-spawn does.
resolve() {
	file=$1 links=0
	while [ -L "$file" ] && [ $((links += 1)) -le 40 ]; do
		is_own "$file" || return
		to=$(readlink -- "$file") || return
		case $to in
		/*) file=$to ;;
		*) file=$(dirname -- "$file")/$to ;;
		esac
	done
}

# save COMMAND [ARG ...]: writes the command's output to the record, a new file of the
# caller's that replaces the old one atomically. Others may be able to write to the
# directory: set -C does not open what they put there, nor does mv -T go into it. What
# is no regular file is written to, unless another user could put a link in its place; a
# FIFO may have no reader.
save() {
	resolve "$record"
	if [ -e "$record" ] && [ ! -f "$record" ] && [ ! -L "$file" ]; then
		[ ! -d "$record" ] && is_own "$record" || return
		[ ! -e "$file" ] || is_own "$file" || return
		# shellcheck disable=SC2016 # the inner shell's
		"$@" 2>/dev/null |
			timeout 2 sh -c 'exec >"$1" 2>/dev/null; cat' emu-run "$record"
		return
	fi
	new=$(mktemp -u -- "$file.XXXXXX" 2>/dev/null) || return
	if (set -C && "$@" >"$new" && mv -fT -- "$new" "$file") 2>/dev/null; then
		return
	fi
	rm -f -- "$new"
	return 1
}

# no_machine CAUSE STATUS REASON: prints the record of a run that emu-spawn has told
# nothing of.
no_machine() {
	jq -n --arg cause "$1" --argjson status "$2" --arg reason "$3" \
		--arg start "${start:-$(now)}" --arg host "$(uname -n)" \
		--arg name "${EMU_NAME-}" '
		{$cause, $status, $reason, $start, $host, emu: "@VERSION@"} +
		if $name == "" then {} else {$name} end'
}

# unprepared STATUS REASON: exits before a machine was started, and writes a record with
# the reason if one was asked for.
unprepared() {
	[ -z "$record" ] || save no_machine prepare "$@" || say "$record: there is no record"
	exit "$1"
}

fail() {
	say "$1"
	unprepared 125 "$1"
}

wrong() {
	say "$1
$synopsis"
	unprepared 125 "$1"
}

# failed: fails with the reason of the first filter that failed: the last line in $errors
# but for those of the filters after it, which had nothing to read. On a full disk, there
# is no line.
failed() {
	why=$(sed '/^usage:/,$d; /: <stdin>: empty$/d; s/^emu-[a-z-]*: //' "$errors" |
		tail -n 1)
	fail "${why:-$EMU_SCRATCH: cannot be written to}"
}

# stopped NUMBER NAME: ends the run at a signal.
stopped() {
	trap '' TERM HUP INT QUIT
	[ -z "$child" ] || kill "$child" 2>/dev/null
	status=$((128 + $1)) cause=signal reason="stopped by signal $1 ($2)"
	[ -n "$ended" ] || unprepared "$status" "$reason"
	finish_record
	exit "$status"
}

catch_signals() {
	trap 'stopped 1 Hangup' HUP
	trap 'stopped 2 Interrupt' INT
	trap 'stopped 3 Quit' QUIT
	trap 'stopped 15 Terminated' TERM
}

# aside COMMAND [ARG ...]: runs what may take long in the background, where a signal can
# end the run, and ends it when the command fails.
aside() {
	"$@" <&3 3<&- 2>"$errors" &
	child=$!
	wait "$child" || failed
	child=''
}

# Options that are passed on are kept as words quoted for eval.
# quote WORD: sets $quoted. Another process for each word would be felt.
quote() {
	quoted='' rest=$1
	while
		case $rest in *\'*) ;; *) false ;; esac
	do
		quoted="$quoted${rest%%\'*}'\\''"
		rest=${rest#*\'}
	done
	quoted=" '$quoted$rest'"
}

# has TEXT ...: whether the document holds one of the texts.
has() {
	for text; do
		case $machine in *"$text"*) return 0 ;; esac
	done
	return 1
}

check_time() {
	number=${2%[smhd]}
	case $number in
	'' | *[!0-9.]* | *.*.* | .) wrong "-$1: not a duration: $2" ;;
	esac
}

# unknown WORD: reports an unknown option, and the option that may have been meant: the
# same letter in the other case, or one whose help has the word.
unknown() {
	word=${1#-}
	case $word in
	[A-Za-z]) near=$(help | grep -i "^  -${word}[| ]") ;;
	-*[!a-z-]*) near='' ;;
	*) near=$(help | grep -E "^  -(. ${word#-} |.*  (the )?${word#-})" ||
		help | grep -i "  .*  .*${word#-}") ;;
	esac
	wrong "$1: unknown option$(printf %s "$near" | sed -nE \
		'1s/^  (-.)[^ ]*( [^ ]+)?  +(.*)/; did you mean \1 (\3)?/p')"
}

child='' ended=''
catch_signals
letters=:A:a:B:c:D:e:F:f:hi:K:k:l:m:n:o:P:q:R:S:s:t:uVW:w:X:x:Z:z:-:

if [ -z "${EMU_RUN_INSIDE-}" ]; then
	# Remove the log and the record of an earlier run, which are not about this one.
	while getopts "$letters" option; do
		case $option in
		[lo])
			resolve "$OPTARG"
			# In a directory that cannot be written to, an empty file says nothing.
			[ ! -f "$file" ] || rm -f -- "$file" 2>/dev/null ||
				{ is_own "$file" && true >"$file"; } 2>/dev/null
			;;
		esac
		[ "$option" != o ] || record=$OPTARG
	done
	# With fewer descriptors, sh would exit in the middle of the script.
	while read -r _ of what limit _; do
		[ "$of $what" != 'open files' ] || break
	done </proc/$$/limits
	case $limit in
	? | 1? | 2?) fail "ulimit -n: $limit: too few descriptors" ;;
	esac
	# Check what emu-scratch needs, because it would leave no record when it fails.
	parent=${EMU_SCRATCH:-${TMPDIR:-/var/tmp}}
	[ -d "$parent" ] || fail "$parent: No such file or directory"
	[ -z "${EMU_TIME_SCALE-}" ] || why=$(emu-scratch true 2>&1) || fail "${why#*: }"
	export EMU_RUN_INSIDE=1 EMU_RUN_OUTER="${EMU_SCRATCH-}"
	exec emu-scratch ${EMU_SCRATCH:+-d "$EMU_SCRATCH"} -- "$0" "$@"
fi
outer=$EMU_RUN_OUTER
unset EMU_RUN_INSIDE EMU_RUN_OUTER

doc='' init='' spawn='' filters='' archive='' input=''
while getopts "$letters" option; do
	[ "$option" != - ] || case $OPTARG in
	help) option=h ;;
	version) option=V ;;
	*) unknown "--$OPTARG" ;;
	esac
	quote "${OPTARG-}"
	case $option in
	h)
		help 2>/dev/null && exit
		fail '<stdout>: not written'
		;;
	V)
		echo 'emu-run @VERSION@' 2>/dev/null && exit
		fail '<stdout>: not written'
		;;
	[Aacefkmns]) doc="$doc -$option$quoted" ;;
	u) doc="$doc -u" ;;
	[BFKR]) init="$init -$option$quoted" ;;
	i) input=$OPTARG ;;
	o) record=$OPTARG ;;
	[qt])
		check_time "$option" "$OPTARG"
		spawn="$spawn -$option$quoted"
		;;
	[DlPSWXZz]) spawn="$spawn -$option$quoted" ;;
	w) filters="$filters$quoted" ;;
	x) archive=$OPTARG ;;
	:) wrong "-$OPTARG: an argument is missing" ;;
	*) unknown "-$OPTARG" ;;
	esac
done
shift $((OPTIND - 1))
[ -z "$record" ] || start=$(now)

# The files, and after "--" the command for the guest.
files='' document_is_stdin=''
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	# shellcheck disable=SC3013 # -ef is in POSIX since 2024
	case $1 in
	-) document_is_stdin=1 ;;
	-*) [ -e "$1" ] || wrong "$1: options come before files" ;;
	*) [ ! -p "$1" ] || [ ! "$1" -ef /dev/stdin ] || document_is_stdin=1 ;;
	esac
	quote "$1"
	files=$files$quoted
	shift
done
[ -n "$files" ] || wrong 'nothing to boot: no file'
[ -z "$document_is_stdin" ] || [ "$archive" != - ] ||
	wrong 'the document and the archive cannot both be standard input'
command=''
if [ $# -gt 0 ]; then
	shift
	case ${1-} in
	'') wrong '--: no command' ;;
	-*) wrong "$1: not a command; a word for the emulator takes -e" ;;
	esac
	for word; do
		quote "$word"
		command=$command$quoted
	done
fi

# A closed descriptor must not be reused for another file.
[ -e /proc/$$/fd/0 ] || exec </dev/null
[ -e /proc/$$/fd/1 ] || fail '<stdout>: Bad file descriptor'

exec 3<&0
# Make the document, with the command in it, and check that emu-argv accepts it, before
# anything is copied. Most mistakes are found here.
errors=$EMU_SCRATCH/errors document=$EMU_SCRATCH/document
make_document() {
	eval "emu-doc $doc -- $files" >"$document"
}
add_command() {
	eval "emu-init $init -- $command" <"$document" >"$document.init" &&
		mv "$document.init" "$document"
}
check_document() {
	EMU_SCRATCH=${outer:-$EMU_SCRATCH} emu-argv "$document" >/dev/null
}
aside make_document
[ ! -s "$errors" ] || tell <"$errors"
[ -z "$command" ] || aside add_command
packed=$archive
machine=$(cat "$document")
! has '"archive": ' || packed=yes
[ -n "$packed" ] || aside check_document

# Only a Fuchsia disk has to be grown. The user's own file is grown while it is copied;
# a disk in an archive or a compressed file must be extracted first.
stage() {
	if [ -n "$packed" ] || has '"storage-full"'; then
		if [ -n "$packed" ] || has '"convert"' '"decompress"' '"extract"'; then
			emu-stage ${archive:+-x "$archive"} "$document" | emu-fvm-extend
		else
			emu-fvm-extend "$document" | emu-stage
		fi
	else
		emu-stage "$document"
	fi
}

# When a filter fails, it writes nothing and the next one fails too, so the last status
# is enough.
make_words() {
	stage >"$document.staged" &&
		EMU_SCRATCH=${outer:-$EMU_SCRATCH} emu-argv <"$document.staged" \
			>"$EMU_SCRATCH/words"
}
# What was read from stdin is not there for an image.
[ -z "$document_is_stdin" ] || exec 3</dev/null
aside make_words
[ ! -s "$errors" ] || tell <"$errors"

# The first of the words, each of which ends with a NUL, after those of the helpers.
emulator=$(cut -d '' -f 1 "$EMU_SCRATCH/words")
[ "$emulator" != -H ] || emulator=$(sed -z '/^-H$/{N;d;}' "$EMU_SCRATCH/words" | cut -d '' -f 1)
emulator=${emulator%%"$newline"*}
if ! command -v "$emulator" >/dev/null; then
	case $(test -e /etc/debian_version && echo "$emulator") in
	*-x86_64 | *-i386) package=qemu-system-x86 ;;
	*-arm | *-aarch64) package=qemu-system-arm ;;
	*-mips*) package=qemu-system-mips ;;
	*-ppc*) package=qemu-system-ppc ;;
	*/*) package='' ;;
	qemu-system-*) package=qemu-system-misc ;;
	*) package='' ;;
	esac
	fail "$emulator: not found${package:+ (Debian: $package)}"
fi

# emu-spawn reads the words from a file. Stdin is the guest's input, unless the document
# or the archive was read from it; then the terminal is, if there is one.
if [ -z "$input" ] && [ -n "$document_is_stdin$archive" ]; then
	input=/dev/null
	[ -z "$document_is_stdin" ] || [ ! -t 1 ] || input=/dev/tty
	[ -z "$archive" ] || [ "$archive" = - ] || input=''
fi
# What is no file gets the record when it is complete.
own_record=$EMU_SCRATCH/record
[ -z "$record" ] || { [ -e "$record" ] && [ ! -f "$record" ]; } || own_record=$record
eval "set -- -a \"\$EMU_SCRATCH/words\" -o \"\$own_record\" $spawn"
[ -z "$outer" ] || set -- -S "$outer/serial.sock" "$@"
[ -z "$outer" ] || ! has '"forwards"' ||
	ln -sfn "$EMU_SCRATCH/ports" "$outer/ports"
[ -z "$input" ] || set -- -i "$input" "$@"
[ -n "$command" ] || [ ! -t 0 ] || [ ! -t 1 ] || [ -n "$input$filters" ] ||
	say 'a line that begins with ~. leaves, and stops the machine'

# finish_record: adds the images and the filters to emu-spawn's record, and what else is
# known of the end: $cause with $status and $reason.
finish_record() {
	[ ! -L "$outer/ports" ] || rm -f "$outer/ports"
	[ -n "$record" ] || return 0
	resolve "$own_record"
	if [ ! -f "$file" ]; then
		# emu-spawn has told why, or was killed.
		save no_machine "${cause:-error}" "$status" \
			"${reason:-emu-spawn wrote no record}"
		return 0
	fi
	eval "set -- $filters"
	# shellcheck disable=SC2016 # jq's variables
	cp -PR -- "$file" "$EMU_SCRATCH/spawned" && [ -f "$EMU_SCRATCH/spawned" ] &&
		[ ! -L "$EMU_SCRATCH/spawned" ] &&
		save jq --slurpfile given "$document" --slurpfile staged "$document.staged" \
			--arg cause "$cause" --argjson status "$status" --arg reason "$reason" \
			--argjson statuses "[${statuses#,}]" '
			.images = [$given[0].images // [] | to_entries[] | {
				name: "\(.value.type)_\(.value.name)", path: .value.path,
				size: $staged[0].images[.key].size}]
			| if $ARGS.positional == [] then . else .filters = (
				[$ARGS.positional, $statuses] | transpose |
				map({command: .[0], status: .[1]})) end
			| if $cause == "" then . else .cause = $cause |
				.status = $status | .reason = $reason end' \
			--args -- "$@" <"$EMU_SCRATCH/spawned" && return
	if [ -z "$cause" ] && [ "$own_record" = "$record" ]; then
		say "$record: not completed"
		return
	fi
	# What may be there says otherwise.
	[ ! -f "$file" ] || rm -f -- "$file"
	say "$record: there is no record"
	status=125
}

# Each filter reads from a FIFO of its own. A filter that exits ends the run
# (emu-spawn -r). The status is that of emu-spawn, or else that of the first filter that
# failed.
status=0 statuses='' failed='' cause='' reason='' number=0 pids=''
# emu-spawn gets the signals as well, and ends the machine.
trap : HUP INT QUIT TERM
if [ -z "$filters" ]; then
	emu-spawn "$@" <&3 3<&- || status=$?
else
	options=''
	for word; do
		quote "$word"
		options=$options$quoted
	done
	eval "set -- $filters"
	for filter; do
		mkfifo "$EMU_SCRATCH/line$number" || fail "$EMU_SCRATCH: no FIFO"
		number=$((number + 1))
	done
	number=0
	exec 4>&1
	for filter; do
		# A simple command replaces its shell.
		case $filter in
		*[';|&()']* | *"$newline"*) ;;
		*) case $(command -v "${filter%% *}") in */*) filter="exec $filter" ;; esac ;;
		esac
		next=$EMU_SCRATCH/line$((number + 1))
		if [ $((number + 1)) -lt $# ]; then
			sh -c "$filter" <"$EMU_SCRATCH/line$number" >"$next" 3<&- 4>&- &
		else
			sh -c "$filter" <"$EMU_SCRATCH/line$number" >&4 3<&- 4>&- &
		fi
		pids="$pids $!"
		number=$((number + 1))
	done
	eval "emu-spawn -r $options" <&3 >"$EMU_SCRATCH/line0" 3<&- 4>&- || status=$?
fi
ended=yes
catch_signals
for pid in $pids; do
	code=0
	wait "$pid" || code=$?
	statuses="$statuses,$code"
	number=$((number - 1))
	# SIGPIPE in a filter whose reader has exited is no failure.
	[ "$code" -eq 0 ] || { [ "$code" -eq 141 ] && [ "$number" -gt 0 ]; } ||
		failed=${failed:-$code}
done

# QMP does not report every panic: a Linux without the driver of the panic device resets,
# and Zircon halts until a time limit. The end of the serial line shows the panic.
panic=''
case $status in
121) ! has '"guest": "linux"' || panic=linux ;;
122 | 124) has '"guest": "linux"' '"guest": "none"' || panic=zircon ;;
esac
if [ -n "$panic" ]; then
	words=$(jq -j 'select(.cause != "exit" and .cause != "command").line' "$own_record" |
		emu-watch -f "@$panic" 2>&1 >/dev/null)
	case $? in
	1)
		[ "$status" -ne 121 ] ||
			status=120 cause=panic reason='the guest panicked'
		say "the guest panicked: ${words##*: }"
		;;
	esac
fi

# A Linux without a byte on its line has another console.
if [ "$status" -eq 0 ] && [ -z "$command" ] && has '"guest": "linux"'; then
	while read -r line; do
		case $line in
		*'"bytes_out": 0,'*) say 'the guest wrote nothing to its serial line' ;;
		esac
	done <"$own_record"
fi

[ "$status" -ne 0 ] || [ -z "$failed" ] ||
	status=$failed cause=filter reason='a filter failed'
trap '' HUP INT QUIT TERM
finish_record
exit "$status"
