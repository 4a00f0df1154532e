using System.Text.Json;
using BuildRunner;

namespace QuickStart.Views;

/// <summary>For programs: a line of JSON for each change, and nothing else.</summary>
internal sealed class JsonView(TextWriter output) : IBuildView
{
    public IBuildLogSource? Logs { get; set; }

    public void Begin(string what)
    {
    }

    public void Say(string sentence) => Console.Error.WriteLine(sentence);

    public void Show(BuildId buildId, BuildSnapshot snapshot)
    {
        output.WriteLine(JsonSerializer.Serialize(new Line(buildId.Value, snapshot.Status, snapshot.Metadata), JsonSerializerOptions.Web));
        output.Flush();
    }

    public void ShowCancelling()
    {
    }

    public Task EndAsync(BuildId buildId, BuildSnapshot snapshot) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed record Line(string Id, BuildStatus Status, BuildMetadata Metadata);
}
