using System.Text.Json;
using BuildRunner.Tests.Builds;
using CsCheck;

namespace BuildRunner.Tests.Json;

public sealed class RoundTripJsonTests
{
    private const int Iterations = 500;

    [Fact]
    public void Every_id_survives()
    {
        ShouldSurvive(Any.BuildId);
    }

    [Fact]
    public void Every_status_survives()
    {
        ShouldSurvive(Any.BuildStatus);
    }

    [Fact]
    public void All_metadata_survives()
    {
        ShouldSurvive(Any.Metadata);
    }

    [Fact]
    public void All_metadata_keeps_its_order()
    {
        Any.Metadata.Sample(metadata => JsonSerializer.Deserialize<BuildMetadata>(JsonSerializer.Serialize(metadata))!.Keys.SequenceEqual(metadata.Keys), iter: Iterations);
    }

    [Fact]
    public void Every_change_survives()
    {
        ShouldSurvive(Any.Change);
    }

    [Fact]
    public void Every_request_survives()
    {
        ShouldSurvive(Any.Request);
    }

    [Fact]
    public void Every_snapshot_survives()
    {
        ShouldSurvive(Any.Snapshot);
    }

    [Fact]
    public void Every_id_survives_as_a_key()
    {
        Any.BuildId.Sample(
            buildId => JsonSerializer.Deserialize<Dictionary<BuildId, string>>(JsonSerializer.Serialize(new Dictionary<BuildId, string> { [buildId] = "" }))!.ContainsKey(buildId),
            iter: Iterations);
    }

    private static void ShouldSurvive<T>(Gen<T> values) => values.Sample(
        value =>
        {
            var reflected = JsonSerializer.SerializeToUtf8Bytes(value);
            var generated = JsonSerializer.SerializeToUtf8Bytes(value, typeof(T), WireContext.Default);

            return reflected.AsSpan().SequenceEqual(generated)
                && Equals(JsonSerializer.Deserialize<T>(reflected), value)
                && Equals(JsonSerializer.Deserialize(generated, typeof(T), WireContext.Default), value);
        },
        iter: Iterations);
}
