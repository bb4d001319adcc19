load ../images

setup() {
	room
	"$EMU_ROOT/tests/emu-stage/hostile" h
	touch sentinel
}

# try FILE [stream]: unpacks k out of it; sets status. What fails says so in one
# line and leaves nothing; nothing ever comes into being anywhere else.
try() {
	if [ -n "${2:-}" ]; then
		timeout 30 emu-unpack -M 1M -d out - k < <(cat "$1") >lines 2>err && status=0 || status=$?
	else
		timeout 30 emu-unpack -M 1M -d out "$1" k >lines 2>err && status=0 || status=$?
	fi
	case $status in
	0)
		[ "$(ls -A out)" = k ] &&
			case $1 in
			*tail.gz) [ "$(cat err)" = "emu-unpack: $1: ignored bytes after the end" ] ;;
			*) [ ! -s err ] ;;
			esac
		;;
	1) [ -z "$(ls -A out)" ] && [ ! -s lines ] && [ "$(wc -l <err)" -eq 1 ] && [ "$(grep -c '[[:cntrl:]]' err)" = 0 ] ;;
	*) false ;;
	esac || {
		echo "$*: status $status, $(cat err), $(ls -A out)"
		return 1
	}
}

untouched() {
	[ ! -e /etc/emu-was-here ]
	[ "$(ls -A)" = "$(printf '%s\n' err h lines out sentinel)" ]
	[ -z "$(find h -newer sentinel)" ]
}

@test "unpack takes its member out of archives that lie about others" {
	for f in h/take/*; do
		for how in '' stream; do
			try "$f" $how
			[ "$status" -eq 0 ] || { echo "$f: $(cat err)"; false; }
			cmp h/good out/k
			rm out/k
		done
	done
	untouched
}

@test "unpack refuses what it must not take" {
	for f in h/refuse/*; do
		for how in '' stream; do
			try "$f" $how
			[ "$status" -eq 1 ] || { echo "$f: taken"; false; }
		done
	done
	untouched
}

@test "unpack takes a broken archive's member whole or not at all" {
	for f in h/any/*; do
		try "$f"
		rm -f out/k
	done
	for f in h/any/*cut*; do
		try "$f"
		[ "$status" -eq 1 ] || cmp h/good out/k
		rm -f out/k
		try "$f" stream
		[ "$status" -eq 1 ] || cmp h/good out/k
		rm -f out/k
	done
	untouched
}

@test "stage stages nothing from archives that it must refuse" {
	echo '{"guest": "none", "images": [{"name": "k", "type": "x", "path": "k"}]}' >doc.json
	for f in h/refuse/*; do
		run --separate-stderr timeout 30 emu-stage -M 1M -d out -x "$f" doc.json
		[ "$status" -eq 1 ] && [ -z "$output" ] && [ "${#stderr_lines[@]}" -eq 1 ] &&
			[ -z "$(ls -A out)" ] || { echo "$f: $status $stderr"; false; }
	done
}
