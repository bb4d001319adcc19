# fish completion for the emu command that this file is named after: options from its
# help, else files.
set -l command (path basename (path change-extension '' (status filename)))
for line in ($command -h 2>/dev/null </dev/null)
    set -l option (string match -r '^  -([A-Za-z])(?: \S+)?  +(.*)$' -- $line)
    or continue
    complete -c $command -s $option[2] -d $option[3]
end
