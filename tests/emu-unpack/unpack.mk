# emu-unpack as it is where there is no ISA-L.
TEST_PARTS += $(B)/tests/emu-unpack/emu-unpack
$(B)/tests/emu-unpack/decompress.o: cmd/emu-unpack/decompress.c $(B)/flags
	@mkdir -p $(@D)
	$(call short,CC,$<)$(CC) $(filter-out -DHAVE_ISAL,$(ALL_CFLAGS)) -c -o $@ $<

$(B)/tests/emu-unpack/emu-unpack: $(B)/tests/emu-unpack/decompress.o \
    $(filter-out %/decompress.o,$(call objects,emu-unpack)) $(B)/libemu.a
	$(call short,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ \
	    $(call libs,$(LIBS_emu-unpack))
