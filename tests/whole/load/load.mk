# make load: machines in sequence and at once, and as many bytes as a line of
# 115200 baud says in a day, as a table.
MACHINES = 1000
AT_ONCE = 64
FLOOD = 995328000
load: all
	$(call need,python3:python3 qemu-system-x86_64:qemu-system-x86)
	python3 tests/whole/load/load.py $(B) $(MACHINES) $(AT_ONCE) $(FLOOD)
.PHONY: load
