using System.Text.Json;

namespace BuildRunner.Git.Host;

/// <summary>One call of the runner as a line, and its answer as one: what was returned, or what was thrown.</summary>
internal sealed class Call(GitBuildRunner runner)
{
    public async Task<string> MakeAsync(string line)
    {
        try
        {
            return "returned - " + await ReturnAsync(line);
        }
        catch (BuildRunnerException exception)
        {
            return $"threw {exception.GetType().Name} {exception.Message.ReplaceLineEndings(" ")}";
        }
    }

    private async Task<string> ReturnAsync(string line)
    {
        var words = line.Split(' ', 3);
        switch (words[1])
        {
            case "trigger":
                return JsonSerializer.Serialize(await runner.TriggerAsync(JsonSerializer.Deserialize<BuildRequest>(words[2])!));
            case "status":
                return JsonSerializer.Serialize(await runner.StatusAsync(new BuildId(words[2])));
            case "cancel":
                await runner.CancelAsync(new BuildId(words[2]));
                return "true";
            default:
                return JsonSerializer.Serialize(await runner.FindAsync(JsonSerializer.Deserialize<string>(words[2])!));
        }
    }
}
