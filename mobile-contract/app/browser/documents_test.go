//go:build browser

package browser

// documentScenarios look at the pages that are for people who write programs.
func documentScenarios() []scenario {
	return []scenario{
		{"documents have no barriers", noBarriersInDocuments},
		{"the phones have no barriers", noBarriersAtThePhones},
	}
}

func noBarriersInDocuments(s *stage) {
	t := s.onShared("en").blank()
	// The whole contract is one page of some thousand lines, of which axe knows everything at one size.
	t.size(wide, 800)
	t.goTo("/docs")
	t.noBarriers("/docs")
	for _, path := range []string{"/docs/offline", "/problems/conflict", "/problems/invalid", "/docs"} {
		t.size(narrow, 640)
		t.goTo(path)
		t.text200(true)
		t.fits(path + ", 320 px and 200 %")
		if path != "/docs" {
			t.noBarriers(path + ", 320 px and 200 %")
			t.text200(false)
			t.colours("dark")
			t.size(wide, 800)
			t.noBarriers(path + ", 1280 px, dark")
			t.colours("light")
		}
	}
}

// The thread, a frame in a phone's page, reads itself anew every other second and is not looked at: the simulator is for people who write programs.
func noBarriersAtThePhones(s *stage) {
	t := s.deviceOn(s.shared, s.newLine(s.shared.phones), "en").open("/")
	for _, path := range []string{"/", "/sim/phones/+821000001000"} {
		t.goTo(path)
		t.noBarriers("the phones' " + path)
		t.fits("the phones' " + path)
	}
}
