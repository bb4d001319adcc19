# The demo guest: built for the x64 PC with CC alone, for the arm64 virt board
# when a cross compiler is there (on an arm64 host the other way round).
DEMO_HOST := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
DEMO_CC_x64 := $(if $(filter x86_64,$(DEMO_HOST)),$(CC),\
	$(shell command -v x86_64-linux-gnu-gcc))
DEMO_CC_arm64 := $(if $(filter aarch64,$(DEMO_HOST)),$(CC),\
	$(shell command -v aarch64-linux-gnu-gcc))
DEMO_GUESTS := $(foreach m,x64 arm64,$(if $(strip $(DEMO_CC_$m)),$(B)/demo-$m))
DEMO := $(firstword $(DEMO_GUESTS))
DEMO_SECTOR := $(if $(strip $(DEMO_CC_x64)),$(B)/sector)
ALL_EXTRA += $(DEMO_GUESTS) $(if $(strip $(DEMO_CC_x64)),$(B)/demo-zircon)

# The demo's verdicts, and what the README tries afterwards.
demo: all $$(DEMO) $$(DEMO_SECTOR) ## the demo guest and its verdicts; fills B/try
	$(call need,qemu-system-x86_64:qemu-system-x86)
	@PATH='$(abspath $(B))':"$$PATH" share/demo/show $(DEMO)
	$(call short,TRY,$(B)/try)share/demo/try $(B)

# The picture in the README: a recording of a real session, drawn by svg-term.
picture: demo ## share/demo/demo.svg anew (wants npm)
	cd $(B)/try && PATH='$(abspath $(B))':"$$PATH" $(CURDIR)/share/demo/session | \
	    ../emu-cast -s 76x20 -t emu -o demo.cast >/dev/null
	npx --yes svg-term-cli@2.1.1 --in $(B)/try/demo.cast --out share/demo/demo.svg \
	    --window --no-cursor --width 76 --height 20
.PHONY: demo picture

DEMO_CFLAGS = -std=c17 -O2 -g -ffreestanding -fno-builtin -fno-pic -static \
	-nostdlib -fno-stack-protector -fno-asynchronous-unwind-tables \
	-mgeneral-regs-only -Wall -Wextra -Wpedantic -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wconversion \
	-Wl,--build-id=none $(filter -Werror,$(CFLAGS))
DEMO_CFLAGS_x64 = -m64 -mno-red-zone -fcf-protection=none -Wl,-z,noexecstack
DEMO_CFLAGS_arm64 = -mstrict-align
DEMO_OBJCOPY = $(shell $(DEMO_CC_$1) -print-prog-name=objcopy)
DEMO_C = $(addprefix share/demo/,demo.c disk.c pci.c)
DEMO_C_arm64 = share/demo/fdt.c

$(DEMO_GUESTS:%=%.elf): $(B)/demo-%.elf: $(DEMO_C) $$(DEMO_C_$$*) \
    share/demo/$$*.c share/demo/start-$$*.S share/demo/$$*.ld \
    $(wildcard share/demo/*.h)
	@mkdir -p $(@D)
	$(call short,CC,$@)$(strip $(DEMO_CC_$*)) $(DEMO_CFLAGS) $(DEMO_CFLAGS_$*) -o $@ \
	    -T $(filter %.ld,$^) $(filter %.S %.c,$^)

$(B)/demo-x64: $(B)/demo-x64.elf
	$(call short,OBJCOPY,$@)$(call DEMO_OBJCOPY,x64) -S $< $@

$(B)/demo-arm64: $(B)/demo-arm64.elf
	$(call short,OBJCOPY,$@)$(call DEMO_OBJCOPY,arm64) -O binary $< $@

# The same as a fake Zircon: QEMU starts it by multiboot.
$(B)/demo-zircon.elf: $(DEMO_C) $(addprefix share/demo/,x64.c start-x64.S \
    multiboot.S x64.ld) $(wildcard share/demo/*.h)
	@mkdir -p $(@D)
	$(call short,CC,$@)$(strip $(DEMO_CC_x64)) $(DEMO_CFLAGS) $(DEMO_CFLAGS_x64) -o $@ \
	    -T $(filter %.ld,$^) $(filter %.S %.c,$^)

$(B)/demo-zircon: $(B)/demo-zircon.elf
	$(call short,OBJCOPY,$@)$(call DEMO_OBJCOPY,x64) -O binary $< $@

# A boot sector for a PC's disk.
$(B)/sector: share/demo/sector.S
	@mkdir -p $(@D)
	$(call short,CC,$@)$(strip $(DEMO_CC_x64)) -m32 -c -o $@.o $<
	@$(call DEMO_OBJCOPY,x64) -O binary -j .text $@.o $@
