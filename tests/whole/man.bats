load ../lib

# The option letters of a command: those of its help, or of the getopt string in its
# source (V included).
letters() {
	if "$1" -h >/dev/null 2>&1 </dev/null; then
		"$1" -h | sed -n 's/^  -\([A-Za-z]\) .*/\1/p'
		return
	fi
	grep -rhoE '(getopt\(argc, argv,|getopts)[[:space:]]*"?[+:]*[A-Za-z:]+' \
		"$EMU_ROOT/cmd/$1" "$EMU_ROOT/cmd/$1.c" "$EMU_ROOT/cmd/$1.sh" 2>/dev/null |
		sed 's/.*[ \t"]//' | tr -d '+:\n' | grep -o .
}

# Words of the SYNOPSIS as a terminal shows it, on one line.
synopsis() {
	mandoc -Tutf8 -O width=300 "$EMU_ROOT/man/$1.1" | col -bx |
		sed -n '/^SYNOPSIS/,/^[A-Z]/p' | grep -v '^[A-Z]' | tr -s ' \n' ' ' |
		sed 's/^ //; s/ $//'
}

# Words of the usage message, on one line.
usage() {
	"$1" -@ 2>&1 >/dev/null </dev/null | sed -n '/^usage: /,$p' |
		sed 's/^usage: //' | tr -s ' \n' ' ' | sed 's/ $//'
}

commands() {
	local c
	for c in "$EMU_ROOT"/cmd/emu-*; do
		c=${c##*/}
		printf '%s\n' "${c%.*}"
	done
}

@test "every command has a page, and every page a command" {
	for c in $(commands); do
		[ -e "$EMU_ROOT/man/$c.1" ] || { echo "no man/$c.1"; false; }
	done
	for p in "$EMU_ROOT"/man/*.1; do
		p=$(basename "$p" .1)
		[ -x "$EMU_BUILD/$p" ] || { echo "no $p"; false; }
	done
}

@test "pages are clean mdoc" {
	need mandoc
	run mandoc -Tlint -W warning "$EMU_ROOT"/man/*.[157]
	[ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "the usage message is the synopsis" {
	need mandoc col
	for c in $(commands); do
		[ -n "$(usage "$c")" ] || { echo "$c: no usage message"; false; }
		[ "$(usage "$c")" = "$(synopsis "$c")" ] || {
			printf '%s\n  usage:    %s\n  synopsis: %s\n' "$c" "$(usage "$c")" "$(synopsis "$c")"
			false
		}
	done
}

@test "every option letter is documented in its page and in emu.7's table" {
	for c in $(commands); do
		[ -n "$(letters "$c")" ] || { echo "$c: no getopt string found"; false; }
		for l in $(letters "$c"); do
			grep -qE "^\.It Fl $l( |\$)" "$EMU_ROOT/man/$c.1" ||
				{ echo "$c.1: no -$l"; false; }
			case $l in [Vh]) continue ;; esac # every command
			sed -n "/^\.It Fl $l\$/,/^\.It Fl\|^\.El/p" "$EMU_ROOT/man/emu.7" |
				grep -qE "$c([ ,:]|\$)" || { echo "emu.7: -$l does not name $c"; false; }
		done
	done
}

@test "every command prints its version" {
	for c in $(commands); do
		run "$c" -V </dev/null
		[ "$status" -eq 0 ]
		[ "$output" = "$c $(sed -n 's/^VERSION = //p' "$EMU_ROOT/Makefile")" ] ||
			{ echo "$c: $output"; false; }
	done
}

@test "a version that cannot be printed is an error" {
	for c in $(commands); do
		case $c in
		emu-argv | emu-doc | emu-fvm-extend | emu-init | emu-stage | emu-unpack) want=1 ;;
		*) want=125 ;;
		esac
		for out in '>/dev/full' '>&-'; do
			run sh -c "$c -V $out"
			[ "$status" -eq "$want" ] || { echo "$c $out: $status"; false; }
			[[ $output == "$c: <stdout>: "* ]] || { echo "$c $out: $output"; false; }
		done
	done
}
