using System.Diagnostics.Metrics;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>Listens to the telemetry, as a program in production has somebody who does, and keeps how late polls were.</summary>
internal sealed class LatenessListener : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private List<double> _seconds = [];

    public LatenessListener()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("BuildRunner.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            if (instrument.Name == "buildrunner.orchestration.poll.lateness")
            {
                lock (_gate)
                {
                    _seconds.Add(value);
                }
            }
        });
        _listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        _listener.Start();
    }

    /// <summary>Gets the milliseconds by which the polls since the last call were late, in order.</summary>
    public double[] Take()
    {
        lock (_gate)
        {
            var taken = _seconds;
            _seconds = [];
            return [.. taken.Select(static seconds => seconds * 1000).Order()];
        }
    }

    public void Dispose() => _listener.Dispose();
}
