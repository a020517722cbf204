/* entities.h - all records of the program in one include. */
#ifndef TM_SCHEMA_ENTITIES_H
#define TM_SCHEMA_ENTITIES_H
#include "schema/entities/buy_line.h"
#include "schema/entities/campaign.h"
#include "schema/entities/dedupe.h"
#include "schema/entities/document.h"
#include "schema/entities/input.h"
#include "schema/entities/names.h"
#include "schema/entities/report.h"
#endif
