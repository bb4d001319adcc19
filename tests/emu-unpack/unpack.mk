# emu-unpack as it is where there is no ISA-L.
TEST_PARTS += $(B)/tests/emu-unpack/emu-unpack
$(B)/tests/emu-unpack/gzip.o: cmd/emu-unpack/gzip.c $(B)/flags
	@mkdir -p $(@D)
	$(call short,CC,$<)$(CC) $(filter-out -DHAVE_ISAL,$(ALL_CFLAGS)) -c -o $@ $<

$(B)/tests/emu-unpack/emu-unpack: $(B)/tests/emu-unpack/gzip.o \
    $(filter-out %/gzip.o,$(call objects,emu-unpack)) $(B)/libemu.a
	$(call short,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ \
	    $(call libs,$(LIBS_emu-unpack))
