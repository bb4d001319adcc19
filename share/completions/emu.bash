# bash completion for the emu commands: options from the command's help, the values
# that some options have, else files.
_emu() {
	local command=$1 word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words='' f
	case ${command##*/}:$before in
	emu-doc:-A | emu-run:-A)
		words=$("${command%emu-*}emu-doc" -A '?' /dev/null 2>&1 | sed -n 's/.*not one of \([^:]*\): .*/\1/p' | tr -d ,)
		;;
	emu-init:-F | emu-run:-F) words='9p virtiofs' ;;
	emu-doc:-k | emu-run:-k) words='yes no auto' ;;
	emu-watch:-f)
		f=$(command -v emu-watch)
		for f in "${f%/*}"/../share/{emu/,}patterns/*; do
			[[ ! -e $f ]] || words+=" @${f##*/}"
		done
		;;
	*:*)
		[[ $word != -* ]] ||
			words=$("$command" -h 2>/dev/null </dev/null | sed -n 's/^  \(-[A-Za-z]\).*/\1/p')
		;;
	esac
	if [[ $words ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}
complete -o filenames -F _emu emu-argv emu-cast emu-doc emu-env emu-fvm-extend \
	emu-init emu-ktap emu-run emu-scratch emu-spawn emu-stage emu-tally emu-unpack emu-watch
