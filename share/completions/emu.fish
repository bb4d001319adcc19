# fish completion for the emu command that this file is named after: options from its
# help, the values that some options have, else files.
set -l command (path basename (path change-extension '' (status filename)))
for line in ($command -h 2>/dev/null </dev/null)
    set -l option (string match -r '^  -([A-Za-z])(?: \S+)?  +(.*)$' -- $line)
    or continue
    complete -c $command -s $option[2] -d $option[3]
end
contains $command emu-init emu-run; and complete -c $command -s F -x -a "9p virtiofs"
switch $command
    case emu-doc emu-run
        complete -c $command -s A -x -a "(emu-doc -A '?' /dev/null 2>&1 | sed -n 's/.*not one of \\([^:]*\\): .*/\\1/p' | tr -d , | tr ' ' '\\n')"
        complete -c $command -s k -x -a 'yes no auto'
    case emu-watch
        complete -c $command -s f -x -a '(for f in (path dirname (command -s emu-watch))/../share/{emu/,}patterns/*; echo @(path basename $f); end)'
end
