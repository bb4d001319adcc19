dist: ## a tarball of what is committed, in B
	@mkdir -p $(B)
	git archive --prefix=emu-$(VERSION)/ -o $(B)/emu-$(VERSION).tar.gz HEAD
.PHONY: dist

deb: ## B/emu_VERSION_ARCH.deb
	$(call need,dpkg-deb:dpkg dpkg-shlibdeps:dpkg-dev)
	@mkdir -p $(B)
	share/packaging/deb $(VERSION) $(B)
.PHONY: deb
