package gopatch

import (
	"cmp"
	"go/ast"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
)

// servers makes servers of the sites: those that hand on one and the same handler are one server.
func (f *finder) servers() {
	for _, site := range f.literals {
		if f.configured[site.node] || f.configured[f.ownerOf(site)] {
			continue
		}
		f.sites = append(f.sites, f.settled(site)...)
	}
	for _, s := range f.settings {
		if !f.settles(s) {
			f.sites = append(f.sites, s.site)
		}
	}
	slices.SortStableFunc(f.sites, func(a, b Site) int { return cmp.Compare(a.node.Pos(), b.node.Pos()) })
	for _, site := range f.withinH2C(f.sites) {
		f.add(site)
	}
}

// settled returns the sites of a literal of http.Server: where its handler is assigned, or the literal itself.
func (f *finder) settled(literal Site) []Site {
	var sites []Site
	if literal.handler != nil {
		sites = append(sites, literal)
	}
	for _, s := range f.settings {
		if s.owner != nil && s.owner == f.ownerOf(literal) {
			if s.site.Address == "" {
				s.site.Address = literal.Address
			}
			sites = append(sites, s.site)
		}
	}
	if len(sites) == 0 {
		return []Site{literal}
	}
	if len(sites) > 1 { // one server, whose handler is set more than once
		for i := range sites[1:] {
			sites[i+1].shares = sites[0].node
		}
	}
	return sites
}

// settles says whether a literal takes the assignment into account.
func (f *finder) settles(s setting) bool {
	return slices.ContainsFunc(f.literals, func(l Site) bool { return s.owner != nil && s.owner == f.ownerOf(l) })
}

func (f *finder) ownerOf(literal Site) types.Object {
	lit, _ := literal.node.(*ast.CompositeLit)
	return f.owners[lit]
}

// add puts the site into the server that it belongs to.
func (f *finder) add(site Site) {
	if site.shares != nil {
		for i := range f.survey.Servers {
			server := &f.survey.Servers[i]
			if slices.ContainsFunc(server.Sites, func(s Site) bool { return s.node == site.shares }) {
				server.Sites = append(server.Sites, site)
				server.Blocked = &Refusal{
					Code: CodeShape, Position: site.Position,
					Reason: "the handler of this server is set at " + server.Sites[0].Position + " too; set it in one place, and run this again",
				}
				return
			}
		}
	}
	key := f.key(site)
	for i := range f.survey.Servers {
		if server := &f.survey.Servers[i]; server.key == key {
			server.Sites = append(server.Sites, site)
			server.Blocked = cmp.Or(server.Blocked, f.blocked(site))
			return
		}
	}
	f.survey.Servers = append(f.survey.Servers, Server{
		Sites: []Site{site}, Decoy: f.decoy(site), Blocked: f.blocked(site), key: key,
	})
}

// key is equal for sites that serve the same handler.
func (f *finder) key(site Site) any {
	type defaultServeMux struct{}
	if isNil(site) {
		return defaultServeMux{}
	}
	if o := objectOf(site.pkg.TypesInfo, site.handler); o != nil {
		return o
	}
	return site.node
}

// isNil says whether the site serves http.DefaultServeMux by naming no handler.
func isNil(site Site) bool {
	return site.handler == nil || site.pkg.TypesInfo.Types[site.handler].IsNil()
}

// blocked returns why the site cannot be patched; nil when it can.
func (f *finder) blocked(site Site) *Refusal {
	file := f.file(site)
	switch {
	case file == nil || f.module.Rel(f.module.Files.PositionFor(site.node.Pos(), false).Filename) == "":
		return &Refusal{
			Code: CodeCgo, Position: f.module.Origin(site.node.Pos()), Reason: "cgo or another tool rewrites this file before it is compiled; move this into a file without it, and run this again:",
			ByHand: f.byHand(site),
		}
	case ast.IsGenerated(file):
		return &Refusal{
			Code: CodeGenerated, Position: site.Position, Reason: "the file is generated: a change would be lost; move this into a file of your own, and run this again:",
			ByHand: f.byHand(site),
		}
	}
	if site.router.unfit != nil {
		return site.router.unfit(f, site)
	}
	return nil
}

// file returns the syntax that holds the site.
func (f *finder) file(site Site) *ast.File {
	for _, file := range site.pkg.Syntax {
		if file.FileStart <= site.node.Pos() && site.node.Pos() < file.FileEnd {
			name := f.module.Files.PositionFor(file.FileStart, false).Filename
			if filepath.Ext(name) == ".go" {
				return file
			}
		}
	}
	return nil
}

// byHand is the statement or expression of the site, as it is written.
func (f *finder) byHand(site Site) []string {
	return strings.Split(f.module.Text(site.node), "\n")
}
