using System.Globalization;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Host;

/// <summary>Kills this process when it has taken a step a number of times: <c>Running:2</c>, or <c>any:17</c> for whatever steps.</summary>
/// <typeparam name="TStep">The steps.</typeparam>
internal sealed class Death<TStep>
    where TStep : struct, Enum
{
    private readonly TStep? _step;
    private int _left;

    public Death(string moment)
    {
        var parts = moment.Split(':');
        _step = parts[0] == "any" ? null : Enum.Parse<TStep>(parts[0]);
        _left = int.Parse(parts[1], CultureInfo.InvariantCulture);
    }

    public void Reached(TStep step)
    {
        if ((_step is null || _step.Value.Equals(step)) && Interlocked.Decrement(ref _left) == 0)
        {
            _ = Posix.Kill(Environment.ProcessId, Posix.SigKill);
        }
    }
}
