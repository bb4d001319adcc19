# The init of emu-init's machines: a static program for each target that there is
# a compiler with a C library for.
INIT_C := $(wildcard share/init/*.c) common/shared_line.c
# target:triplet of a cross compiler, of the package in share/targets.json
INIT_TRIPLETS := $(subst x86-64,x86_64,$(shell sed -n \
	's/.*"name": "\([^"]*\)", "compiler": "gcc-\([^"]*\)".*/\1:\2/p' share/targets.json))
# The compiler for a target: CC where that is the host's, else a cross compiler.
init_host := $(shell $(CC) -dumpmachine 2>/dev/null)
init_triplet = $(patsubst $1:%,%,$(filter $1:%,$(INIT_TRIPLETS)))
init_cc = $(if $(filter $(firstword $(subst -, ,$(init_host))),$(firstword \
	$(subst -, ,$(call init_triplet,$1)))),$(CC),$(shell command -v \
	$(call init_triplet,$1)-gcc))
init_can = $(shell [ -n '$1' ] && echo 'int main(void){return 0;}' | \
	$1 -static -x c -o /dev/null - 2>/dev/null && echo yes)
INIT_TARGETS := $(foreach t,$(foreach p,$(INIT_TRIPLETS),$(firstword \
	$(subst :, ,$p))),$(if $(call init_can,$(call init_cc,$t)),$t))
INITS := $(INIT_TARGETS:%=$(B)/init-%)
ALL_EXTRA += $(INITS)

INIT_CFLAGS = -std=c17 -D_GNU_SOURCE -O2 -static -s -pthread -Icommon -Wall -Wextra -Wpedantic \
	-Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion \
	$(filter -Werror,$(CFLAGS))

$(INITS): $(B)/init-%: $(INIT_C) $(wildcard share/init/*.h) common/shared_line.h
	@mkdir -p $(@D)
	$(call short,CC,$@)$(call init_cc,$*) $(INIT_CFLAGS) -o $@ $(INIT_C)
