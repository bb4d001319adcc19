#!/bin/sh
# emu-run: files, or a configuration, to a booted machine: the whole pipeline as
# one script, to read and to copy from.
set -u

usage() {
	echo 'usage: emu-run [-c config] [-i images.json] [-x archive] [-a arg]... [-l log]' >&2
	echo '               [-o record] [-q time] [-t time] [-w filter]... [file ...]' >&2
	exit 125
}

wrong() {
	echo "emu-run: $*" >&2
	usage
}

# The commands beside this one come first. All runs in a private directory that
# emu-scratch takes away; inside another emu-scratch, in a directory within it,
# whose serial.sock is then the machine's (emu-env tells a test where it is).
case $0 in
*/*) PATH=${0%/*}:$PATH ;;
esac
if [ -z "${EMU_RUN_INSIDE-}" ]; then
	export EMU_RUN_INSIDE=1 EMU_RUN_OUTER="${EMU_SCRATCH-}"
	exec emu-scratch ${EMU_SCRATCH:+-d "$EMU_SCRATCH"} -- "$0" "$@"
fi
outer=$EMU_RUN_OUTER
unset EMU_RUN_INSIDE EMU_RUN_OUTER

# Options that are passed on are kept as words quoted for eval.
quote() {
	printf '%s\n' "$1" | sed "s/'/'\\\\''/g; 1s/^/ '/; \$s/\$/'/"
}

config='' manifest='' archive='' args='' spawn='' filters=''
while getopts :Va:c:i:l:o:q:t:w:x: option; do
	case $option in
	V)
		echo 'emu-run @VERSION@' 2>/dev/null && exit
		echo 'emu-run: <stdout>: not written' >&2
		exit 125
		;;
	a) args="$args$(quote "$OPTARG")" ;;
	c) config=$OPTARG ;;
	i) manifest=$OPTARG ;;
	[loqt]) spawn="$spawn -$option$(quote "$OPTARG")" ;;
	w) filters="$filters$(quote "$OPTARG")" ;;
	x) archive=$OPTARG ;;
	:) wrong "option requires an argument -- '$OPTARG'" ;;
	*) wrong "invalid option -- '$OPTARG'" ;;
	esac
done
shift $((OPTIND - 1))
for file; do
	case $file in
	-*) [ -e "$file" ] || wrong "$file: options come before files" ;;
	esac
done
[ -n "$config" ] || [ $# -gt 0 ] || wrong 'nothing to boot: no -c config, no file'
[ -z "$config" ] || [ $# -eq 0 ] || wrong "both -c $config and $1"
[ "$config" != - ] || [ "$archive" != - ] || wrong 'both -c - and -x -'

# The document: the configuration (from a pipe it can be read but once), or what
# emu-doc makes of the files, with the kernel arguments of -a behind those it has.
document=''
if [ $# -gt 0 ]; then
	document=$(emu-doc -- "$@") || exit 125
	config=$EMU_SCRATCH/document
	printf '%s\n' "$document" >"$config" || exit 125
elif [ "$config" = - ] || { [ -e "$config" ] && [ ! -f "$config" ]; }; then
	cat -- "$config" >"$EMU_SCRATCH/document" || exit 125
	config=$EMU_SCRATCH/document
fi
if [ -n "$args" ]; then
	eval "set -- $args"
	# shellcheck disable=SC2016 # jq's variable
	jq 'if type == "array" and length == 1 then .[0] else . end
	    | .args += $ARGS.positional' "$config" --args -- "$@" \
		>"$EMU_SCRATCH/document.args" || exit 125
	config=$EMU_SCRATCH/document.args
fi

# Files are seldom Fuchsia's: without its disk there is nothing to grow, and no
# program is started to find that out.
plain() {
	[ -z "$archive$manifest" ] && case $document in
	'' | *storage-full*) false ;;
	esac
}

# From the user's own file the disk is grown while it is copied; out of an archive
# or a packed file it has to be there first.
packed() {
	[ -n "$archive" ] || grep -qsE -D skip '"(convert|decompress|extract)"' \
		"$config" ${manifest:+"$manifest"}
}

# A filter that fails writes nothing, and the next one then fails too: the last
# status is enough.
if plain; then
	emu-stage "$config" | EMU_SCRATCH=${outer:-$EMU_SCRATCH} emu-argv
elif packed; then
	emu-stage ${archive:+-x "$archive"} ${manifest:+-i "$manifest"} "$config" |
		emu-fvm-extend | EMU_SCRATCH=${outer:-$EMU_SCRATCH} emu-argv
else
	emu-fvm-extend ${manifest:+-i "$manifest"} "$config" |
		emu-stage | EMU_SCRATCH=${outer:-$EMU_SCRATCH} emu-argv
fi >"$EMU_SCRATCH/words" || exit 125

# The words come from a file: stdin is the guest's, unless the archive was in it.
eval "set -- -a \"\$EMU_SCRATCH/words\" $spawn"
[ -z "$outer" ] || set -- -S "$outer/serial.sock" "$@"
[ "$archive" != - ] || set -- -i /dev/null "$@"
[ -n "$filters" ] || exec emu-spawn "$@"

# through N FILTER ...: stdin through each filter to descriptor 4, and a line
# "N status" for each on descriptor 3: sh has no pipefail.
# shellcheck disable=SC2317 # called through eval
through() {
	number=$1 filter=$2
	shift 2
	if [ $# -gt 0 ]; then
		{
			sh -c "$filter" 3>&- 4>&-
			echo "$number $?" >&3
		} | through $((number + 1)) "$@"
	else
		sh -c "$filter" 3>&- >&4 4>&-
		echo "$number $?" >&3
	fi
}

# A filter may end the run by leaving (emu-spawn -r). The status is emu-spawn's,
# or else that of the first filter that failed. What has told none was killed.
exec 4>&1 5<&0
statuses=$({
	{
		emu-spawn -r "$@" <&5 3>&- 4>&- 5<&-
		echo "0 $?" >&3
	} | eval "through 1 $filters" 5<&-
} 3>&1)
exec 4>&- 5<&-
status=$(printf '%s\n' "$statuses" | sort -n | sed -n '/ 0$/d; s/.* //p; /./q')
eval "set -- $filters"
[ "$(printf '%s\n' "$statuses" | wc -l)" -gt $# ] || : "${status:=137}"
exit "${status:-0}"
