# make elsewhere SUITE=trixie: the two commands of README in a bare Debian of that
# suite; GOALS in place of the second one's, AS=user for an ordinary user with sudo,
# CACHE=dir to keep the packages for the next time. TRIAL=deb, github or gitlab: the
# package, or a template for CI, in place of README's commands.
SUITE = trixie
GOALS =
elsewhere: ## README's commands in a bare SUITE (trixie)
	$(call need,debootstrap:debootstrap unshare:util-linux)
	@mkdir -p $(B)
	tests/tools/elsewhere/run -l $(B)/elsewhere-$(SUITE)$(TRIAL:%=-%).log \
	    $(if $(filter user,$(AS)),-u) $(CACHE:%=-c %) $(TRIAL:%=-t %) \
	    $(if $(GOALS),-g '$(GOALS)') $(SUITE)
.PHONY: elsewhere
