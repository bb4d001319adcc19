# make farm: the recipes under the engines that they are for, N boots each; what
# is missing of these is installed. FARM="slurm make" picks some.
N = 1000
FARM = retry parallel ssh slurm make state
DEBS_FARM = munge openssh-client openssh-server parallel rsync slurm-wlm
farm: all ## the recipes under the engines that they are for
	tests/deps $(DEBS_FARM)
	tests/tools/farm/run -b $(B) -n $(N) $(FARM)
.PHONY: farm
