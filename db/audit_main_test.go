package db_test

import (
	"testing"

	"jari/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
