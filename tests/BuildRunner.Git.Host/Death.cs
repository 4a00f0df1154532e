using System.Globalization;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Host;

/// <summary>Kills this process when it has taken a step a number of times: <c>Running:2</c>, or <c>any:17</c> for whatever steps.</summary>
internal sealed class Death
{
    private readonly Step? _step;
    private int _left;

    public Death(string moment)
    {
        var parts = moment.Split(':');
        _step = parts[0] == "any" ? null : Enum.Parse<Step>(parts[0]);
        _left = int.Parse(parts[1], CultureInfo.InvariantCulture);
    }

    public void Reached(Step step)
    {
        if ((_step is null || _step == step) && Interlocked.Decrement(ref _left) == 0)
        {
            _ = Posix.Kill(Environment.ProcessId, Posix.SigKill);
        }
    }
}
