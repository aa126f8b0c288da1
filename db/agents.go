package db

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
)

// Agents knows who may enter on behalf of others.
type Agents struct {
	pool  *pgxpool.Pool
	clock desk.Clock
	seen  sync.Map // hash of a token that was good → its login
}

// NewAgents makes the list of agents.
func NewAgents(pool *pgxpool.Pool, clock desk.Clock) *Agents {
	return &Agents{pool: pool, clock: clock}
}

// ErrAgent is returned for a login that is taken or malformed.
var ErrAgent = errors.New("an agent's login has 2 to 32 small letters, digits, dots or hyphens, begins with a letter, and is used once")

// Add makes an agent and returns the token, which is shown once and never stored: 256 random bits, kept as a hash. A
// slow password hash would add nothing, because nobody can guess 256 bits. It returns ErrAgent.
func (a *Agents) Add(ctx context.Context, login, name, actor string) (string, error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	token := "jari_agent_" + base64.RawURLEncoding.EncodeToString(raw)
	hash := sha256.Sum256([]byte(token))
	err := write(ctx, a.pool, func(ctx context.Context, tx pgx.Tx) error {
		now := a.clock.Now()
		if _, err := tx.Exec(ctx, `INSERT INTO agent (login, name, token_hash, created_at) VALUES ($1, $2, $3, $4)`, login, name, hash[:], now); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO audit_log (at, actor, act, detail) VALUES ($1, $2, 'agent.add', jsonb_build_object('login', $3::text))`, now, actor, login)
		return err
	})
	switch sqlState(err) {
	case pgerrcode.UniqueViolation, pgerrcode.CheckViolation:
		return "", ErrAgent
	}
	if err != nil {
		return "", fmt.Errorf("add an agent: %w", err)
	}
	return token, nil
}

// Agent returns the login that a token belongs to, or CodeUnauthorized. While PostgreSQL is away, whoever was known to this
// process before is believed: nothing can be stored then, and an agent's caller shall get an arrival stamp like everybody.
func (a *Agents) Agent(ctx context.Context, token string) (string, error) {
	hash := sha256.Sum256([]byte(token))
	var login string
	err := a.pool.QueryRow(ctx, `SELECT login FROM agent WHERE token_hash = $1 AND revoked_at IS NULL`, hash[:]).Scan(&login)
	if errors.Is(err, pgx.ErrNoRows) {
		a.seen.Delete(hash)
		return "", booking.Fail(booking.CodeUnauthorized, nil)
	}
	if err != nil {
		if known, ok := a.seen.Load(hash); ok && Away(err) {
			return known.(string), nil
		}
		return "", fmt.Errorf("look up an agent: %w", err)
	}
	a.seen.Store(hash, login)
	return login, nil
}
