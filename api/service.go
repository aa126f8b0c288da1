package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"jari/booking"
	"jari/mobile-contract/contract"
)

// ContractVersion is the version of the contract that this server speaks: info.version of openapi.yaml.
const ContractVersion = "1.1.0"

// CheckMinimum says what is wrong with the least version of the contract that a client must know: three whole numbers such as
// 1.0.0, and not above ContractVersion, which no client could fulfil.
func CheckMinimum(version string) error {
	least, ok := versionOf(version)
	if !ok {
		return fmt.Errorf("%q is not a version such as %s", version, ContractVersion)
	}
	if ours, _ := versionOf(ContractVersion); slices.Compare(least[:], ours[:]) > 0 {
		return fmt.Errorf("%s is above %s, the contract of this server", version, ContractVersion)
	}
	return nil
}

func versionOf(s string) (v [3]int, ok bool) {
	parts := strings.Split(s, ".")
	if len(parts) != len(v) {
		return v, false
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || strconv.FormatUint(n, 10) != p {
			return v, false
		}
		v[i] = int(n)
	}
	return v, true
}

// serviceDoc is the service document, made once.
type serviceDoc struct {
	body []byte
	etag string
}

func newServiceDoc(cfg Config) (serviceDoc, error) {
	minimum := cfg.ClientMinimum
	if minimum == "" {
		minimum = "1.0.0"
	}
	if err := CheckMinimum(minimum); err != nil {
		return serviceDoc{}, fmt.Errorf("the least contract of a client: %w", err)
	}
	body, err := json.Marshal(contract.Service{
		Contract: ContractVersion, Minimum: minimum, Sunsets: []contract.Sunset{}, Sandbox: cfg.Sandbox,
		Langs: []contract.Lang{string(booking.Korean), string(booking.English)},
	}, json.Deterministic(true))
	return serviceDoc{body, quoted(digestOf(body))}, err
}

// service says which contract this server speaks. No client is turned away for its version.
func (s *Server) service(c *gin.Context) error {
	public(c, s.about.body, s.about.etag, "public, max-age=300")
	return nil
}
