package vault

import "jari/booking"

// Stamps makes the key ring for arrival stamps: one key per master key, the present one signs, all are accepted. Every
// node with the same master keys honours every other's stamps. To change the master key without refusing a stamp, first
// give all nodes the new key among the earlier ones (JARI_MASTER_KEYS_BEFORE), then make it the present one.
func (m *Master) Stamps() (*booking.StampRing, error) {
	keys, err := m.derive("jari stamp v1")
	if err != nil {
		return nil, err
	}
	return booking.NewStampRing(keys...)
}
