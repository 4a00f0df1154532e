using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>The measurements of the meters of one host.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measurement> _all = [];

    /// <param name="meters">That of the host.</param>
    /// <param name="heard">What is done with each, or <see langword="null"/> for nothing.</param>
    public Measurements(IMeterFactory meters, Action<Instrument>? heard = null)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags, heard));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags, heard));
        _listener.Start();
    }

    public IReadOnlyList<Measurement> Of(string instrument) => [.. _all.Where(measurement => measurement.Instrument == instrument)];

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, Action<Instrument>? heard)
    {
        _all.Enqueue(new Measurement(instrument.Name, value, tags.ToArray().ToDictionary(static tag => tag.Key, static tag => $"{tag.Value}")));
        heard?.Invoke(instrument);
    }

    internal sealed record Measurement(string Instrument, double Value, IReadOnlyDictionary<string, string> Tags)
    {
        public string? Name => Tags.GetValueOrDefault("messaging.operation.name");
    }
}
