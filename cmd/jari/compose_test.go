package main

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// composeVariables is what a person puts into .env, each value easy to find again.
func composeVariables() []string {
	return []string{
		"JARI_MASTER_KEY=c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMyISE=",
		"JARI_POSTGRES_PASSWORD=secretpostgres",
		"JARI_REDIS_PASSWORD=secretredis",
		"JARI_PUBLIC_URL=https://jari.example",
		"TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000",
		"TWILIO_AUTH_TOKEN=secrettoken",
		"TWILIO_FROM=+82212345678",
	}
}

const composeFile = "../../docker-compose.yml"

func loadCompose(t *testing.T, variables []string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{composeFile}, cli.WithEnv(variables), cli.WithDiscardEnvFile)
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(t.Context())
}

func compose(t *testing.T) *types.Project {
	t.Helper()
	project, err := loadCompose(t, composeVariables())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// composeService is a service's command, without the image's entrypoint, and its environment as "NAME=value".
func composeService(t *testing.T, name string) (command, environment []string) {
	t.Helper()
	service, err := compose(t).GetService(name)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range service.Environment {
		if value == nil {
			t.Fatalf("%s: %s would come from the environment of whoever starts it", name, key)
		}
		environment = append(environment, key+"="+*value)
	}
	slices.Sort(environment)
	return service.Command, environment
}

// A machine must not come up with a default for what has to be secret or true.
func TestComposeAsksForWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, missing := range composeVariables() {
		name, _, _ := strings.Cut(missing, "=")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rest := slices.DeleteFunc(composeVariables(), func(v string) bool { return v == missing })
			if _, err := loadCompose(t, rest); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("without %s: %v, want an error that names it", name, err)
			}
		})
	}
}

func TestComposeServicesAreSound(t *testing.T) {
	t.Parallel()
	project := compose(t)
	for _, want := range []string{"api", "worker", "migrate", "postgres", "redis"} {
		if _, err := project.GetService(want); err != nil {
			t.Error(err)
		}
	}
	pinned := regexp.MustCompile(`:[0-9][^:]*$`)
	for name, service := range project.Services {
		if oneShot := service.Restart == types.RestartPolicyNo; !oneShot && !isChecked(service) {
			t.Errorf("%s runs on and has no health check", name)
		}
		if user, _, _ := strings.Cut(service.User, ":"); user == "" || user == "root" || user == "0" {
			t.Errorf("%s runs as root", name)
		}
		if service.Privileged || service.NetworkMode == "host" {
			t.Errorf("%s is not held apart from the machine", name)
		}
		if ours := strings.HasPrefix(service.Image, "jari:"); !ours && !pinned.MatchString(service.Image) {
			t.Errorf("%s: the image %s has no version", name, service.Image)
		}
		for dependency, how := range service.DependsOn {
			target, err := project.GetService(dependency)
			if err != nil {
				t.Error(err)
			} else if how.Condition == types.ServiceConditionHealthy && !isChecked(target) {
				t.Errorf("%s waits for the health of %s, which has no health check", name, dependency)
			}
		}
	}
}

func isChecked(service types.ServiceConfig) bool {
	check := service.HealthCheck
	return check != nil && !check.Disable && len(check.Test) > 1 && check.Test[0] != "NONE"
}

func TestComposePublishesOnlyTheAPI(t *testing.T) {
	t.Parallel()
	for name, service := range compose(t).Services {
		for _, port := range service.Ports {
			if name != "api" || port.Target != 8080 {
				t.Errorf("%s publishes port %d", name, port.Target)
			}
		}
	}
	_, environment := composeService(t, "api")
	if !slices.Contains(environment, "JARI_INTERNAL_LISTEN=127.0.0.1:9090") {
		t.Error("the internal address can be reached from outside the container")
	}
}

// What belongs to a secret must be a variable: written in the file it would be in the history for ever.
func TestComposeHoldsNoSecret(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(composeFile)
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?i)^\s*["']?[A-Z_]*(KEY|PASSWORD|TOKEN|SECRET|AUTH)["']?\s*[:=]\s*["']?(.+)`)
	password := regexp.MustCompile(`[a-z]+://[^\s/@]*:([^\s@]*)@`)
	for i, line := range strings.Split(string(content), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if found := named.FindStringSubmatch(line); found != nil && !strings.HasPrefix(found[2], "${") {
			t.Errorf("line %d gives a secret a value", i+1)
		}
		// Variables first: their messages for people may hold anything.
		bare := regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(line, "")
		if found := password.FindStringSubmatch(bare); found != nil && found[1] != "" {
			t.Errorf("line %d has a password in an address", i+1)
		}
	}

	// And the other way round: a secret reaches only those that need it.
	for name, service := range compose(t).Services {
		ours := name == "api" || name == "worker"
		for _, secret := range []string{"JARI_MASTER_KEY", "TWILIO_AUTH_TOKEN"} {
			if _, has := service.Environment[secret]; has != ours {
				t.Errorf("%s has %s: %v, want %v", name, secret, has, ours)
			}
		}
	}
}

func TestComposeCommandsAndAddresses(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"api": "serve", "worker": "work", "migrate": "migrate"} {
		command, environment := composeService(t, name)
		if !slices.Equal(command, []string{want}) {
			t.Errorf("%s runs %q, want %q", name, command, want)
		}
		for _, line := range environment {
			variable, value, _ := strings.Cut(line, "=")
			if !strings.HasSuffix(variable, "_URL") || value == "" {
				continue
			}
			if address, err := url.Parse(value); err != nil || address.Host == "" {
				t.Errorf("%s: %s is no address", name, variable)
			}
		}
	}
	project := compose(t)
	redis, err := project.GetService("redis")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(redis.Command, " "), "--maxmemory-policy noeviction --save  --appendonly no --requirepass secretredis") {
		t.Errorf("Redis runs %q", redis.Command)
	}
}
