TEST_PARTS += $(B)/tests/storm

$(B)/tests/storm: tests/emu-scratch/storm.c
	@mkdir -p $(@D)
	$(call short,CC,$@)$(CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) $(ALL_LDFLAGS) -o $@ $<
