package gopatch

import (
	"cmp"
	"go/ast"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
	"golang.org/x/tools/go/ast/astutil"
)

// servers makes servers of the sites: those that hand on one and the same handler are one server.
func (f *finder) servers() {
	for i, s := range f.settings {
		f.settings[i].servers = make(map[ast.Node]bool)
		for _, o := range f.survey.flow.served(s.site) {
			f.settings[i].servers[o.node] = true
		}
	}
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
	f.sites = slices.DeleteFunc(f.sites, f.listensElsewhere)
	f.reached = f.reach()
	var all []Site
	for _, site := range f.sites {
		all = append(all, f.spread(site, 0)...)
	}
	slices.SortStableFunc(all, f.inSource)
	all = slices.CompactFunc(all, func(a, b Site) bool { return a.node == b.node })
	for _, site := range f.withinH2C(all) {
		f.add(site)
	}
}

// inSource orders sites by file and place: in which order files were read says nothing.
func (f *finder) inSource(a, b Site) int {
	p, q := f.module.Files.PositionFor(a.node.Pos(), false), f.module.Files.PositionFor(b.node.Pos(), false)
	return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Offset, q.Offset))
}

// settled returns the sites of a literal of http.Server: where its handler is assigned, and the literal itself unless
// it has none and the assignment is always made.
func (f *finder) settled(literal Site) []Site {
	var sites []Site
	always := false
	for _, s := range f.settings {
		if !s.servers[literal.node] {
			continue
		}
		s.site.Address = cmp.Or(s.site.Address, literal.Address)
		always = always || !f.conditional(s.site, literal)
		sites = append(sites, s.site)
	}
	if literal.handler != nil || !always {
		sites = slices.Insert(sites, 0, literal)
	}
	for i := range sites[1:] { // one server, whose handler is set more than once
		sites[i+1].shares = sites[0].node
	}
	return sites
}

// conditional says whether an assignment is made in some branch of the function that has the literal.
func (f *finder) conditional(assignment, literal Site) bool {
	file := f.file(assignment)
	if file == nil {
		return false
	}
	nested := false
	path, _ := astutil.PathEnclosingInterval(file, assignment.node.Pos(), assignment.node.End())
	for _, n := range path {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return nested && n.Pos() <= literal.node.Pos() && literal.node.Pos() < n.End()
		case *ast.IfStmt, *ast.CaseClause, *ast.CommClause, *ast.ForStmt, *ast.RangeStmt:
			nested = nested || literal.node.Pos() < n.Pos() || n.End() <= literal.node.Pos()
		}
	}
	return false
}

// settles says whether a literal takes the assignment into account.
func (f *finder) settles(s setting) bool {
	return slices.ContainsFunc(f.literals, func(l Site) bool { return s.servers[l.node] })
}

func (f *finder) ownerOf(literal Site) types.Object {
	lit, _ := literal.node.(*ast.CompositeLit)
	return f.owners[lit]
}

// add puts the site into the server that it belongs to.
func (f *finder) add(site Site) {
	if i := slices.IndexFunc(f.survey.Servers, func(s Server) bool { return site.shares != nil && s.has(site.shares) }); i >= 0 {
		server := &f.survey.Servers[i]
		server.Sites = append(server.Sites, site)
		server.Blocked = cmp.Or(server.Blocked, f.blocked(site))
		if f.readsHandler(site) {
			server.Blocked = f.setTwice(server.Sites[0], site)
		}
		return
	}
	key := f.identity(site.pkg, site.handler)
	if key == defaultIdentity { // which commands of one program fill with different routes
		key += " of " + site.pkg.PkgPath
	}
	decoy := ""
	if !f.reaches(site) {
		decoy, key = unreached, key+" "+unreached
	}
	for i := range f.survey.Servers {
		if server := &f.survey.Servers[i]; server.key == key {
			server.Sites = append(server.Sites, site)
			server.Blocked = cmp.Or(server.Blocked, f.blocked(site))
			return
		}
	}
	f.survey.Servers = append(f.survey.Servers, Server{
		Sites: []Site{site}, Decoy: cmp.Or(decoy, f.decoy(site)), Blocked: f.blocked(site), key: key,
	})
}

func (s Server) has(node ast.Node) bool {
	return slices.ContainsFunc(s.Sites, func(site Site) bool { return site.node == node })
}

// setTwice refuses a server whose handler is set at first, and made another of after.
func (f *finder) setTwice(first, after Site) *refusal.Refusal {
	r := &refusal.Refusal{
		Code: refusal.CodeShape, Position: after.Position, Reason: "the handler of this server is set at " + first.Position + " too; set it in one place, and run this again",
	}
	lit, ok := first.node.(*ast.CompositeLit)
	if !ok || first.handler == nil || declaring(first.pkg, lit) != declaring(after.pkg, after.node) {
		return r
	}
	name := fresh(identifiers(after.pkg), "handler")
	whole, start := f.module.Text(after.handler), f.module.Offset(after.handler.Pos())
	for _, sel := range slices.Backward(f.handlersIn(after)) {
		whole = whole[:f.module.Offset(sel.Pos())-start] + name + whole[f.module.Offset(sel.End())-start:]
	}
	r.Reason = "the handler of this server is set at " + first.Position + " too; make it before the server, in place of this, and run this again:"
	r.ByHand = []string{"var " + name + " http.Handler = " + first.Handler, name + " = " + whole, "Handler: " + name + ","}
	return r
}

// readsHandler says whether what is assigned is made of the handler that was there: wrapping both would protect twice.
func (f *finder) readsHandler(site Site) bool { return len(f.handlersIn(site)) > 0 }

// handlersIn returns where the handler of a site speaks of a server's.
func (f *finder) handlersIn(site Site) []ast.Node {
	var found []ast.Node
	ast.Inspect(site.handler, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && isServerHandler(site.pkg.TypesInfo.Uses[sel.Sel]) {
			found = append(found, sel)
		}
		return true
	})
	return found
}

// isNil says whether the site serves http.DefaultServeMux by naming no handler.
func isNil(site Site) bool {
	return site.router.path == netHTTP().path && (site.handler == nil || site.pkg.TypesInfo.Types[site.handler].IsNil())
}

// blocked returns why the site cannot be patched; nil when it can.
func (f *finder) blocked(site Site) *refusal.Refusal {
	file := f.file(site)
	switch {
	case file == nil || f.module.Rel(f.module.Files.PositionFor(site.node.Pos(), false).Filename) == "":
		return &refusal.Refusal{
			Code: refusal.CodeCgo, Position: f.module.Origin(site.node.Pos()), Reason: "cgo or another tool rewrites this file before it is compiled; move this into a file without it, and run this again:",
			ByHand: f.byHand(site),
		}
	case ast.IsGenerated(file):
		return &refusal.Refusal{
			Code: refusal.CodeGenerated, Position: site.Position, Reason: "the file is generated: a change would be lost; move this into a file of your own, and run this again:",
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
