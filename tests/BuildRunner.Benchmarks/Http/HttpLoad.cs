using System.Globalization;

namespace BuildRunner.Benchmarks.Http;

/// <summary>The load to measure.</summary>
/// <param name="InFlight">How many builds are under way at a time.</param>
/// <param name="Freshness">How old a status may be, in seconds.</param>
/// <param name="Seconds">For how long the polls are counted.</param>
/// <param name="Url">A Buildbot master whose builds are not to end meanwhile, or <see langword="null"/> for one in the process.</param>
internal sealed record HttpLoad(int InFlight = 1000, int Freshness = 1, int Seconds = 20, Uri? Url = null)
{
    public HttpLoad? With(string name, string value)
    {
        if (name == "--url")
        {
            return Uri.TryCreate(value, UriKind.Absolute, out var url) ? this with { Url = url } : null;
        }

        return int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0
            ? name switch
            {
                "--in-flight" => this with { InFlight = number },
                "--freshness" => this with { Freshness = number },
                "--seconds" => this with { Seconds = number },
                _ => null,
            }
            : null;
    }
}
