#!/bin/sh
# emu-tally: the records of many runs to TAP, a table or a page.
set -u

synopsis='usage: emu-tally [-n names] [-H | -t] record ...'

help() {
	cat <<EOT
$synopsis

  -H          print a page of HTML
  -n names    a file with the names of the expected runs, one per line
  -t          print a table by cause
  -h          print this help
  -V          print the version
EOT
}

# fail REASON: fails. The message is dropped if nobody takes it within a second.
fail() {
	printf "emu-tally: %s\n" "$*" | timeout 1 cat >&2
	exit 125
}

wrong() {
	fail "$1
$synopsis"
}

# unreadable FILE: sets why, and whether there is a reason why it cannot be read.
unreadable() {
	why=''
	if [ ! -e "$1" ]; then
		why='No such file or directory'
	elif [ -d "$1" ]; then
		why='Is a directory'
	elif [ ! -r "$1" ]; then
		why='Permission denied'
	fi
	[ -n "$why" ]
}

case ${1-} in
--help) set -- -h ;;
--version) set -- -V ;;
esac
# A file that may not become so large is an error of jq's like any other.
trap '' XFSZ
form=tap names=''
while getopts :Hhn:tV option; do
	case $option in
	h)
		help 2>/dev/null && exit
		fail '<stdout>: not written'
		;;
	V)
		echo 'emu-tally @VERSION@' 2>/dev/null && exit
		fail '<stdout>: not written'
		;;
	n) names=$OPTARG ;;
	H)
		[ "$form" != table ] || wrong '-H and -t exclude each other'
		form=page
		;;
	t)
		[ "$form" != page ] || wrong '-H and -t exclude each other'
		form=table
		;;
	:) wrong "-$OPTARG: an argument is missing" ;;
	*) wrong "-$OPTARG: unknown option" ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || [ -n "$names" ] || wrong 'no record'
if [ -n "$names" ] && unreadable "$names"; then
	fail "$names: $why"
fi
[ -e /proc/$$/fd/1 ] || fail '<stdout>: Bad file descriptor'

# survey RECORD ...: four lines for each: its path, why it cannot be read, and the
# log and the recording that lie beside it, if they do.
survey() {
	newline='
'
	for file; do
		unreadable "$file" || [ ! -f "$file" ] || [ -s "$file" ] || why=empty
		case $file in
		*"$newline"*) file='?' why='a name with a newline' ;;
		esac
		# "boot.json" and "boot.record", but also "boot/record"
		case $file in
		*.json) beside=${file%.json} ;;
		*.record) beside=${file%.record} ;;
		*) beside=${file%record} ;;
		esac
		case $beside in
		'' | */) ;;
		*) beside=$beside. ;;
		esac
		log=${beside}log cast=${beside}cast
		[ -r "$log" ] || log=''
		[ -r "$cast" ] || cast=''
		printf '%s\n' "$file" "$why" "$log" "$cast"
	done
}

# read_records RECORD ...: two lines for each that can be read: its path, and what
# it says. Of the guest's text, JSON's escapes of control characters and whole
# escape sequences (ECMA-48) are left out; "\\" is \001 for that time.
read_records() {
	for file; do
		unreadable "$file" || printf '%s\0' "$file"
	done | LC_ALL=C xargs -0 -r sed -sn '
		1h; 1!H; $!d
		F; x; s/\n/ /g
		s/\\\\/\x01/g
		s/\\u001[bB]\[[0-?]*[ -/]*[@-~]//g
		s/\\u001[bB]\][^\\]*\\u0007//g
		s/\\u001[bB]\][^\\]*\\u001[bB]\x01//g
		s/\\u00[01][0-9a-fA-F]//g
		s/\\[bfr]//g
		s/\\u007[fF]\|\x7f//g
		s/\x01/\\\\/g
		p' -- 2>/dev/null
}

style=':root{color-scheme:light dark;--line:#8884;--soft:#8882}
:root{--ok:#1f7a3d;--no:#b3261e;--odd:#8a5a00}
@media(prefers-color-scheme:dark){:root{--ok:#4fbf7b;--no:#ff7b72;--odd:#e0a84a}}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:1rem}
h1{font-size:1.5rem;margin:.2em 0}
.ok{--mark:var(--ok)}.no{--mark:var(--no)}.odd{--mark:var(--odd)}
.bar{display:flex;height:1.4rem;border-radius:.3rem;overflow:hidden;gap:1px;margin:1rem 0}
.bar span{min-width:3px;background:var(--mark)}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;overflow-wrap:anywhere}
th,td{border-bottom:1px solid var(--line)}
th{font-weight:600;font-size:.85rem}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.totals{max-width:40rem}
.totals a{color:var(--mark);font-weight:600}
section{margin-top:1.5rem}
summary{cursor:pointer}
section>details>summary{font-size:1.1rem;font-weight:600}
section>details>summary{border-left:.4rem solid var(--mark);padding:.2rem .6rem}
pre{font:12px/1.4 ui-monospace,monospace;background:var(--soft);padding:.5rem;margin:.3rem 0}
pre{border-radius:.3rem;white-space:pre-wrap;overflow-wrap:anywhere}
td a{margin-right:.6em;white-space:nowrap}
.runs td{min-width:4.5rem}
@media(max-width:44rem){
th,td{padding:.3rem .25rem}
.totals .x,.runs thead{display:none}
.runs tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}
.runs td{display:block;border:0;padding:.05rem .25rem;text-align:left}
.runs td:empty{display:none}
.runs .n:not(:empty)::after{content:" s"}
.runs .name{font-weight:600}
}'

# shellcheck disable=SC2016 # jq's variables
program='
def replace($old; $new): split($old) | join($new);
def text: if type == "string" then . else "" end;
def base: split("/")[-1] // "";

# The last 2000 characters, from the beginning of a line on.
def tail:
	if length > 2000 then .[-2000:] | .[(index("\n") // -1) + 1:] else . end
	| until(endswith("\n") | not; .[:-1]);

# A run of which there is no whole record has no status.
def torn($why): {cause: "record", reason: $why, host: "", booted: "", line: ""};

def run($file):
	try (
		fromjson
		| if type == "object" and (.cause | text) != "" and (.status |
			type == "number" and . >= 0 and . <= 255 and . == floor)
		then . else error("no record of a run") end
		| {cause, status, end: (.end | numbers // null), reason: (.reason | text),
			host: (.host | text), line: (.line | text | tail),
			booted: ([(.images[]?.path, .argv[0]?) | text | base | select(. != "")]
				| if length > 1 then .[:-1] else . end | join(", "))} +
			if (.name | text) == "" then {} else {name} end
	) catch torn("\($file): \(sub("( at EOF)?( at line [0-9]+, column [0-9]+)?( [(]while.*)?$"; ""))");

def name_of:
	split("/")
	| if length > 1 and .[-1] == "record" then .[-2] else .[-1] end
	| rtrimstr(".json") | rtrimstr(".record");

# In the order of the names that were to run; those of no other name come last.
def placed($names):
	([$names | to_entries[] | {(.value): .key}] | add // {}) as $ranks
	| (map({(.name): true}) | add // {}) as $seen
	| . + [$names[] | select($seen[.] | not)
		| {name: ., file: "", why: "no record", log: "", cast: ""} + torn("no record")]
	| sort_by($ranks[.name] // infinite);

def runs:
	[range($count) | [input, input, input, input]] as $files
	| ([inputs as $file | {($file): (input | run($file))}] | add // {}) as $said
	| [$files[] | . as [$file, $why, $log, $cast]
		| {name: ($file | name_of), $file, $why, $log, $cast} +
			if $why != "" then torn("\($file): \($why)")
			else $said[$file] // torn("\($file): cannot be read") end]
	| placed($names | split("\n") | map(rtrimstr("\r") | select(. != "")));

# What is known of a failure stands before its result: emu-ktap looks there.
def tap:
	def comment($before): select(. != "") | split("\n")[] | "# \($before)\(.)";
	def failure:
		(select(.status) | "# \(.cause), status \(.status)"),
		(.reason | comment("")), (.host | comment("host: ")),
		(.file | comment("record: ")), (.line | comment("| "));
	"TAP version 14", "1..\(length)",
	(to_entries[] | (.key + 1) as $number | .value
	| (select(.status != 0) | failure),
		(if .status == 0 then "" else "not " end) + "ok \($number) - " +
			(.name | replace("\\"; "\\\\") | replace("#"; "\\#") | replace("\n"; " ")));

# The runs that ended alike; the most frequent end comes first, success before it.
def groups:
	length as $all
	| group_by([.cause, .status])
	| map({cause: .[0].cause, status: .[0].status, runs: ., count: length,
		share: (100 * length / $all), ends: (map(.end | numbers) | sort)}
		| .least = .ends[0] | .most = .ends[-1]
		| .median = if .ends == [] then null else
			(.ends | (.[length / 2 | floor] + .[(length - 1) / 2 | floor]) / 2) end)
	| sort_by([.status != 0, -.count, .cause]);

def passed: map(select(.status == 0)) | length;

def fixed($digits):
	if . == null then "" else
		. * pow(10; $digits) | round | tostring
		| "000"[:$digits + 1][length:] + . | .[:-$digits] + "." + .[-$digits:]
	end;

def table:
	def right($width): "         "[:$width][length:] + .;
	def dash: if . == null or . == "" then "-" else tostring end;
	def row: .[0] + "          "[.[0] | length:] + ([.[1:], [6, 7, 6, 9, 9, 9]]
		| transpose | map(" " + (.[1] as $width | .[0] | right($width))) | add);
	(["cause", "status", "runs", "share", "least", "median", "most"] | row),
	(groups[] | [.cause, (.status | dash), (.count | tostring), (.share | fixed(1)) + "%",
		(.least, .median, .most | fixed(2) | dash)] | row),
	"\(passed) of \(length) passed";

def href: (if startswith("/") then "" else "./" end) + (split("/") | map(@uri) | join("/"));
def link($text; $path):
	if $path == "" then "" else @html "<a href=\"\($path | href)\">\($text)</a>" end;
# What the guest did, and what its host did.
def class: if .status == 0 then "ok" elif .status and .status < 125 then "no" else "odd" end;
def verdict:
	if .status == 0 then "passed: \(.cause)" elif .status then "\(.cause) (\(.status))"
	else "no whole record" end;

def page_run:
	@html "<tr class=\(class)><td class=name>\(.name)</td><td>\(.reason)" +
	if .line == "" then "" else
		@html "<details><summary>last lines</summary><pre>\(.line)</pre></details>" end +
	@html "</td><td class=n>\(.end | fixed(2))</td><td>\(.host)</td><td>\(.booted)</td><td>" +
	([["record", if .why | IN("", "empty") then .file else "" end], ["log", .log],
		["recording", .cast]] | map(. as [$text, $path] | link($text; $path)) | add) + "</td></tr>";

def page_group:
	@html "<section class=\(class) id=\"\(.id)\"><details\(if .status == 0 then "" else " open" end)>",
	@html "<summary>\(verdict), \(.count)</summary>",
	"<table class=runs><thead><tr><th>Name<th>What happened<th class=n>Seconds<th>Host" +
		"<th>Booted<th>Files</thead><tbody>",
	(.runs[] | page_run), "</tbody></table></details></section>";

def page:
	"\(passed) of \(length) passed" as $title
	| [groups | to_entries[] | .value + {id: "g\(.key)"}] as $groups
	| "<!DOCTYPE html>", "<html lang=en>", "<meta charset=utf-8>",
	"<meta name=viewport content=\"width=device-width\">",
	"<title>\($title)</title>", "<style>\n\($style)\n</style>", "<h1>\($title)</h1>",
	"<div class=bar role=img aria-label=\"\($title)\">",
	($groups[] | @html "<span class=\(class) style=\"flex:\(.count)\"" +
		@html " title=\"\(verdict): \(.count)\"></span>"),
	"</div>",
	"<table class=totals><thead><tr><th>Ended by<th class=n>Runs<th class=n>Share" +
		"<th class=\"n x\">Least s<th class=n>Median s<th class=\"n x\">Most s</thead><tbody>",
	($groups[] | @html "<tr class=\(class)><td><a href=\"#\(.id)\">\(verdict)</a></td>" +
		"<td class=n>\(.count)</td><td class=n>\(.share | fixed(1))%</td>" +
		"<td class=\"n x\">\(.least | fixed(2))</td><td class=n>\(.median | fixed(2))</td>" +
		"<td class=\"n x\">\(.most | fixed(2))</td></tr>"),
	"</tbody></table>",
	# What failed comes first: it is what one looks for.
	($groups | sort_by(.status == 0)[] | page_group), "</html>";

runs
| if $form == "page" then page elif $form == "table" then table else tap end,
	(if any(.status) | not then 2 elif all(.status == 0) then 0 else 1 end
	| select(. != 0) | . as $status | "" | halt_error($status))
'

{
	why=$({ survey "$@" && read_records "$@"; } | jq -nRr --argjson count $# --arg form "$form" \
		--arg style "$style" --rawfile names "${names:-/dev/null}" "$program" 2>&1 >&3)
	status=$?
} 3>&1
case $why in
'') ;;
*'output failed: '*) fail "<stdout>: ${why##*: }" ;;
*) fail "$why" ;;
esac
exit "$status"
