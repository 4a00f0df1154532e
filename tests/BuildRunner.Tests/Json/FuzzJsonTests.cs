using System.Text;
using System.Text.Json;
using CsCheck;

namespace BuildRunner.Tests.Json;

public sealed class FuzzJsonTests
{
    private const int Iterations = 1_500;

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "null", "true", "1", "-1.5e999", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"", "{}", "[]", "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "\\u0069",
            "\"id\":\"x\",", "\"uris\":[],", "\"base\":null,", "\"status\":\"failed\",", "\"metadata\":{\"a\":\"1\"},", "\"poll_after\":\"-1\",", "\"more\":{\"a\":[{}]},", "/**/", "\u00a0",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF],
        [0xED, 0xA0, 0x80],
    ];

    private static readonly Gen<Func<byte[], byte[]>> Mutation = Gen.OneOf(
        Gen.Select(Gen.UShort, Gen.Byte, FlipByte),
        Gen.Select(Gen.UShort, Truncate),
        Gen.Select(Gen.UShort, Gen.UShort, Repeat),
        Gen.Select(Gen.UShort, Gen.Int[0, 8], Gen.Int[0, Tokens.Length - 1], PutToken));

    public static TheoryData<Type> Types => [.. ConverterRead.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Nothing_but_a_json_exception_comes_out_of_the_serialiser(Type type)
    {
        Mutated(type).Sample(
            json =>
            {
                if (TryRead(() => JsonSerializer.Deserialize(json, type), out var read))
                {
                    ShouldSurvive(read, type);
                }
            },
            iter: Iterations,
            print: Encoding.UTF8.GetString);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Nothing_but_a_json_exception_comes_out_of_the_converter(Type type)
    {
        Gen.Select(Mutated(type), Gen.Bool).Sample(
            (json, isFinalBlock) =>
            {
                if (TryRead(() => ConverterRead.Read(type, json, isFinalBlock), out var read))
                {
                    ShouldSurvive(read, type);
                }
            },
            iter: Iterations,
            print: sample => Encoding.UTF8.GetString(sample.Item1));
    }

    [Theory]
    [InlineData(typeof(Dictionary<BuildId, string>), """{"noop-1":"one","noop-2":"two"}""")]
    [InlineData(typeof(Dictionary<BuildStatus, int>), """{"failed":1,"":2,"running":3}""")]
    [InlineData(typeof(Envelope), """{"Id":{"id":"a"},"Previous":null,"Names":{"a":"b"},"Counts":{"failed":1},"Changes":[{"uris":["git:a"]}],"Snapshot":{"status":""}}""")]
    public void Nothing_but_a_json_exception_comes_out_of_what_a_consumer_builds_of_the_types(Type type, string json)
    {
        Mutated(Gen.Const(Encoding.UTF8.GetBytes(json))).Sample(
            mutated =>
            {
                TryRead(() => JsonSerializer.Deserialize(mutated, type), out _);
                TryRead(() => JsonSerializer.Deserialize(mutated, type, WireContext.Default), out _);
            },
            iter: Iterations,
            print: Encoding.UTF8.GetString);
    }

    private static bool TryRead(Func<object?> reading, out object? read)
    {
        try
        {
            read = reading();
            return true;
        }
        catch (JsonException)
        {
            read = null;
            return false;
        }
    }

    private static void ShouldSurvive(object? read, Type type)
    {
        var again = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(read, type), type);

        if (!Equals(again, read))
        {
            throw new InvalidOperationException($"{read} was read back as {again}.");
        }
    }

    private static Gen<byte[]> Mutated(Type type) =>
        Mutated(Gen.OneOf([.. Wire.Forms.Select(form => form.Data).Where(form => form.Item1 == type).Select(form => Gen.Const(Encoding.UTF8.GetBytes(form.Item2)))]));

    private static Gen<byte[]> Mutated(Gen<byte[]> original) =>
        Gen.Select(original, Mutation.Array[1, 3], (json, mutations) => mutations.Aggregate(json, (current, mutate) => mutate(current)));

    private static Func<byte[], byte[]> FlipByte(ushort at, byte value) => json => [.. json[..At(json, at)], value, .. json.Skip(At(json, at) + 1)];

    private static Func<byte[], byte[]> Truncate(ushort at) => json => json[..At(json, at)];

    private static Func<byte[], byte[]> Repeat(ushort from, ushort to) => json =>
    {
        var (first, last) = (Math.Min(At(json, from), At(json, to)), Math.Max(At(json, from), At(json, to)));
        return [.. json[..last], .. json[first..]];
    };

    private static Func<byte[], byte[]> PutToken(ushort at, int replaced, int token) => json => [.. json[..At(json, at)], .. Tokens[token], .. json.Skip(At(json, at) + replaced)];

    private static int At(byte[] json, ushort at) => at % (json.Length + 1);
}
