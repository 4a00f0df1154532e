using System.ComponentModel;
using System.Globalization;

namespace BuildRunner;

/// <summary>Converts a build id from its bare value, for configuration and for serializers that use type converters.</summary>
internal sealed class BuildIdTypeConverter : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? BuildId.Parse(text, culture) : base.ConvertFrom(context, culture, value);
}
